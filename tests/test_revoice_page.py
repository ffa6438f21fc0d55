"""Voices replaced in a real Chromium: chosen, tried, made, heard, changed, accepted."""

import os
from pathlib import Path

import httpx
import pytest
from selenium.webdriver.common.by import By
from test_interface import AXE, LOOKS, Page, needs_axe

from trax.testing.browser import complaints, findings, missing_browser, show_as
from trax.testing.servers import WebServer
from trax.testing.talk import SCRIPT, ScriptedTalk

SPEECH = Path(__file__).resolve().parents[1] / "samples" / "conversation.flac"
OURS = [said[3] for said in SCRIPT if said[2] == "SPEAKER_01"]

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(bool(missing_browser()), reason=missing_browser() or "there is a browser"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A service whose recordings have two speakers, who say different things."""
    started = WebServer(tmp_path_factory.mktemp("revoicing"), "--talk")
    yield started
    started.stop()


@pytest.fixture(scope="module")
def transcript(server, tmp_path_factory):
    talk = ScriptedTalk(script=SCRIPT).write(tmp_path_factory.mktemp("talk") / "talk.wav", 16_000)
    with httpx.Client(base_url=server.url, timeout=90) as client:
        upload = client.put("/v1/uploads/talk.wav", content=talk.read_bytes()).json()
        job = client.post("/v1/jobs?wait=60", json={"upload": upload["id"]}).json()
    return job["transcript"]["id"]


@pytest.fixture
def page(chrome, server, transcript):
    """Where a voice of the recording is replaced."""
    show_as(chrome)
    complaints(chrome)
    shown = Page(chrome, server.url)
    shown.go(f"/t/{transcript}/revoice")
    yield shown
    assert complaints(chrome) == []


def choose(page, speaker: str = "Speaker 2") -> None:
    page.click("li label", speaker)
    page.found("ol[aria-label='What is said again'] li", OURS[0])


def made(page) -> None:
    """Have the voice that is chosen made, and wait for what comes of it."""
    page.click("button", "Replace the voice")
    page.found("h2", "accepted", seconds=60)


def row(page, text: str):
    return page.found("ol li", text)


def press(page, text: str, label: str) -> None:
    """Press a button of an utterance."""
    for button in row(page, text).find_elements(By.TAG_NAME, "button"):
        if button.text == label:
            page.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
            button.click()
            return
    raise AssertionError(f"{text} has no button {label}")


def is_heard(page) -> bool:
    return page.has("button[aria-pressed=true]", "")


def test_a_voice_is_chosen_tried_and_made_from_a_transcripts_page(page, transcript):
    """Speakers are told by their samples; what is said again, and what is not, is shown first."""
    page.go(f"/t/{transcript}")
    page.click("header a[aria-label='Replace a voice']")
    samples = page.found("li", "Speaker 2").find_elements(By.CSS_SELECTOR, "button")
    assert len(samples) == 3
    samples[0].click()
    page.found("li button[aria-pressed=true]")
    choose(page)
    assert page.has("li", "too short to be said well")
    page.click("button", "Hear it")
    page.found("button:enabled", "Hear it")
    assert not page.has("[role=alert]", "")
    made(page)
    assert page.has("p", "3 of 4 utterances said again")
    press(page, OURS[0], "Before")
    page.found("ol li button[aria-pressed=true]", "Before")
    press(page, OURS[0], "After")
    page.found("ol li button[aria-pressed=true]", "After")
    page.go(f"/t/{transcript}/revoice")
    page.found("a[href^='/revoice/']")


def test_one_sentence_is_worded_otherwise_one_is_left_and_others_accepted(page):
    """In one go, and what was accepted stays so."""
    choose(page)
    made(page)
    press(page, OURS[2], "Accept")
    page.found("h2", "1 of 3 accepted")
    press(page, OURS[1], "Leave the original")
    press(page, OURS[0], "Edit")
    field = page.found("form textarea")
    field.clear()
    field.send_keys("it is a joy to be here again")
    page.click("form button", "Use this text")
    page.found("[role=status]", "2 utterances are to change")
    before = page.browser.current_url
    page.click("button", "Make these")
    page.found("li", "chosen so", seconds=60)
    assert page.browser.current_url != before
    assert page.has("h2", "1 of ")


def test_a_reference_needs_a_recording_and_consent(page):
    """Nothing is begun before both are there."""
    choose(page)
    page.click("label", "Somebody’s voice")
    page.browser.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(str(SPEECH))
    page.found("[role=status]", "conversation.flac is here")
    assert page.shown("button:disabled", "Replace the voice")
    page.fill("How they agreed", "signed form")
    made(page)
    assert page.has("p", "conversation.flac")


@needs_axe
@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_pages_are_for_everybody(page, scheme, width):
    """No serious finding of axe-core in any look, and nothing wider than a narrow screen."""
    show_as(page.browser, scheme, width)
    choose(page)
    page.click("summary")
    checked(page, f"choose-{scheme}-{width}", width)
    page.click("label", "Somebody’s voice")
    checked(page, f"reference-{scheme}-{width}", width)
    page.click("label", "A stock voice")
    made(page)
    press(page, OURS[0], "Edit")
    press(page, OURS[1], "Make again")
    checked(page, f"result-{scheme}-{width}", width)


def checked(page, name: str, width: int) -> None:
    if "PICTURES" in os.environ:
        tall = page.browser.execute_script("return document.documentElement.scrollHeight")
        show_as_tall = {"width": width, "height": tall, "deviceScaleFactor": 1, "mobile": False}
        page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", show_as_tall)
        page.browser.save_screenshot(str(Path(os.environ["PICTURES"]) / f"{name}.png"))
    assert findings(page.browser, AXE) == [], name
    widest = page.browser.execute_script("return document.documentElement.scrollWidth")
    assert widest <= width, name


@needs_axe
def test_a_borrowed_voice_is_forgotten_with_what_was_made_with_it(page, server, tmp_path):
    """The dialog says what that is before anything goes."""
    talk = ScriptedTalk(script=SCRIPT).write(tmp_path / "lent.wav", 16_000)
    with httpx.Client(base_url=server.url, timeout=90) as client:
        sent = client.put("/v1/uploads/lent.wav", content=talk.read_bytes()).json()
        voice = client.put("/v1/uploads/anna.flac", content=SPEECH.read_bytes()).json()
        asked = {"speaker": "Speaker 2", "reference": voice["id"], "consent": "signed form"}
        body = {"upload": sent["id"], "revoice": {"replacements": [{**asked, "person": "Anna"}]}}
        job = client.post("/v1/jobs?wait=60", json=body).json()
        assert job["status"] == "completed", job
        page.go("/settings/voices")
        page.found("form.borrowed input").send_keys("Anna")
        page.click("form.borrowed button", "Forget")
        page.found("dialog li a", "lent.wav")
        for scheme, width in LOOKS:
            show_as(page.browser, scheme, width)
            checked(page, f"forget-{scheme}-{width}", width)
        page.click("dialog label", "Remove what was made")
        page.click("dialog button", "Forget")
        page.gone("dialog", "Remove what was made")
        assert client.get(f"/v1/jobs/{job['id']}/audio").status_code == 404
        assert "Anna" not in client.get(f"/v1/jobs/{job['id']}").text
