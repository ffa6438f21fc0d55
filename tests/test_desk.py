"""What people do with a transcript beside typing, in a real Chromium: tags, sound taken away, a
passage translated again, speakers told apart again, voices learned.
"""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select
from test_editing import button, is_saved, opened, text

from trax.pipelines.transcribe import transcribe
from trax.service.recordings import upload
from trax.stages.options import TranscribeOptions
from trax.testing import tone, write_audio
from trax.testing.browser import complaints, findings, missing_browser, show_as
from trax.testing.engine_server import scripted_workspace
from trax.testing.engines import ScriptedEngines
from trax.testing.servers import WebServer
from trax.testing.waiting import wait_until

AXE = Path(__file__).resolve().parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
CONSENT = "signed form, 24 November"

SELECT_WORDS = """
const {view} = trax.desk;
const line = view.state.doc.line(arguments[0]);
const [from, to] = [arguments[1], arguments[2]];
view.dispatch({selection: {anchor: line.from + from, head: to < 0 ? line.to : line.from + to}});
"""

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(bool(missing_browser()), reason=missing_browser() or "there is a browser"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="module")
def made(home):
    """Ids of transcripts of two recordings in which the same people speak."""
    engines = ScriptedEngines(text="hello over there. who are you?")
    workspace = replace(scripted_workspace(home), engines=engines)
    ids = []
    for name, seconds in (("talk.wav", 30.0), ("call.wav", 40.0)):
        source = upload(workspace, write_audio(home / name, tone(seconds)), name)
        ids.append(transcribe(workspace, source, TranscribeOptions()).transcript_id)
    return ids


@pytest.fixture(scope="module")
def server(home, made):
    started = WebServer(home, "--jobs", "1", "--shouts")
    yield started
    started.stop()


@pytest.fixture
def page(chrome, server, made):
    """The first transcript's page."""
    show_as(chrome)
    opened(chrome, f"{server.url}/t/{made[0]}")
    complaints(chrome)
    yield chrome
    assert complaints(chrome) == []


def shown(chrome, selector: str, said: str = ""):
    """The first element that is shown and has this text, once there is one."""

    def found():
        with suppress(StaleElementReferenceException):  # it was drawn anew meanwhile
            for each in chrome.find_elements(By.CSS_SELECTOR, selector):
                if each.is_displayed() and said in each.text:
                    return each
        return None

    return wait_until(found, what=f"{selector} with {said!r}")


def names(chrome) -> list[str]:
    """Of the recordings in the library, at one moment."""
    script = "return [...document.querySelectorAll('tbody th a')].map((each) => each.textContent)"
    return chrome.execute_script(script)


def fine(chrome) -> None:
    """Nothing serious is inaccessible, wide or narrow; then it is as it was."""
    for width in (1360, 360):
        show_as(chrome, "light", width)
        assert not AXE.exists() or findings(chrome, AXE) == []
        overflow = "return document.documentElement.scrollWidth - innerWidth"
        assert chrome.execute_script(overflow) <= 0
    show_as(chrome)
    complaints(chrome)  # axe-core's own styles are refused


def close(chrome) -> None:
    chrome.find_element(By.CSS_SELECTOR, "dialog [aria-label=Close]").click()
    wait_until(lambda: not chrome.find_elements(By.CSS_SELECTOR, "dialog"))


def answer(server, path: str):
    return httpx.get(f"{server.url}{path}", timeout=60).raise_for_status().json()


class TestTags:
    def test_tags_are_put_on_a_transcript_and_the_library_is_narrowed_by_them(
        self, page, server, made
    ):
        """Several at once, with commas; and taken off again."""
        shown(page, "header [aria-label=Tags]").click()
        shown(page, "dialog input").send_keys("Harbour, bridge\n")
        shown(page, "dialog li", "bridge")
        fine(page)
        shown(page, "dialog [aria-label='Remove the tag bridge']").click()
        wait_until(lambda: answer(server, f"/v1/transcripts/{made[0]}/tags")["tags"] == ["Harbour"])
        close(page)
        assert shown(page, "header ul", "Harbour").text == "Harbour"
        page.get(server.url)
        shown(page, "table", "call.wav")
        shown(page, "[title='Harbour, 1 transcript']").click()
        wait_until(lambda: names(page) == ["talk.wav"])
        fine(page)

    def test_tags_are_changed_in_the_library_too(self, page, server, made):
        """A filter by a tag that is gone narrows nothing any more."""
        page.get(server.url)
        shown(page, "[aria-label='Edit the tags of call.wav']").click()
        shown(page, "dialog input").send_keys("Passing\n")
        shown(page, "dialog li", "Passing")
        close(page)
        shown(page, "[title='Passing, 1 transcript']").click()
        wait_until(lambda: names(page) == ["call.wav"])
        shown(page, "[aria-label='Edit the tags of call.wav']").click()
        shown(page, "[aria-label='Remove the tag Passing']").click()
        shown(page, "dialog li", "No tags yet")
        close(page)
        wait_until(lambda: "talk.wav" in names(page))


class TestSilencing:
    def test_words_go_with_their_sound_and_come_back(self, page, server, made):
        """Undo brings back both; the sound alone comes back from the notes."""
        url = f"/v1/transcripts/{made[0]}"
        before = answer(server, url)
        first = before["segments"][0]["words"]
        page.execute_script(SELECT_WORDS, 1, 0, len(first[0]["text"]))
        fine(page)
        shown(page, "[role=toolbar] button", "Delete with sound").click()
        wait_until(lambda: answer(server, url).get("silenced"))
        after = answer(server, url)
        span = {"start": first[0]["start"], "end": first[0]["end"]}
        assert after["silenced"] == [span]
        assert after["segments"][0]["words"] == first[1:]
        page.find_element(By.CSS_SELECTOR, "[aria-label=Undo]").click()
        wait_until(lambda: answer(server, url)["segments"] == before["segments"])
        assert not answer(server, url).get("silenced")
        wait_until(lambda: first[0]["text"] in text(page))
        page.execute_script(SELECT_WORDS, 1, 0, len(first[0]["text"]))
        shown(page, "[role=toolbar] button", "Delete with sound").click()
        page.find_element(By.ID, "tab-notes").click()
        shown(page, "#panel li button", "Put the sound back").click()
        wait_until(lambda: is_saved(page) and not answer(server, url).get("silenced"))
        assert answer(server, url)["segments"][0]["words"] == first[1:]

    def test_a_line_that_goes_as_a_whole_leaves_none_behind(self, page, server, made):
        """Nor are others joined."""
        url = f"/v1/transcripts/{made[0]}"
        before = answer(server, url)["segments"]
        page.execute_script(SELECT_WORDS, 2, 0, -1)
        shown(page, "[role=toolbar] button", "Delete with sound").click()
        wait_until(lambda: len(answer(server, url)["segments"]) == len(before) - 1)
        lines = "return trax.desk.view.state.doc.lines"
        wait_until(lambda: page.execute_script(lines) == len(before) - 1)
        page.find_element(By.CSS_SELECTOR, "[aria-label=Undo]").click()
        wait_until(lambda: is_saved(page) and answer(server, url)["segments"] == before)
        wait_until(lambda: page.execute_script(lines) == len(before))


def test_a_passage_is_translated_again_from_the_selection(page, server, made):
    """And the page goes on with the version that has it."""
    page.execute_script(SELECT_WORDS, 2, 0, -1)
    shown(page, "[role=toolbar] button", "Translate again").click()
    Select(shown(page, "dialog select")).select_by_visible_text("German")
    button(page, "Translate").click()
    shown(page, "dialog [role=status]", "Translated.")
    fine(page)
    document = answer(server, f"/v1/transcripts/{made[0]}")
    said = " ".join(word["text"] for word in document["segments"][1]["words"])
    assert document["notes"]["translations"]["de"][1] == said.upper()
    assert shown(page, "dialog .translation").text == said.upper()
    close(page)
    assert text(page)


class TestSpeakers:
    def test_another_number_of_speakers_makes_a_transcript_that_keeps_decisions(
        self, page, server, made
    ):
        """It is linked once decisions were carried over."""
        name = {"operations": [{"kind": "rename", "speaker": "SPEAKER_00", "name": "Anna"}]}
        url = f"{server.url}/v1/transcripts/{made[0]}/revisions"
        httpx.post(url, json=name, headers={"If-Match": "*"}, timeout=60).raise_for_status()
        opened(page, page.current_url)
        page.find_element(By.ID, "tab-speakers").click()
        Select(shown(page, "#panel section select")).select_by_visible_text("3 people")
        shown(page, "#panel button", "Tell them apart again").click()
        link = shown(page, "#panel a", "Open the new transcript")
        fine(page)
        other = link.get_attribute("href").rsplit("/", 1)[-1]
        speakers = answer(server, f"/v1/transcripts/{other}")["speakers"]
        assert len(speakers) == 3
        assert speakers[0]["name"] == "Anna"
        link.click()
        wait_until(lambda: other in page.current_url)

    def test_a_voice_is_learned_with_consent_and_then_named(self, page, server, made):
        """Without consent nothing can be learned."""
        page.find_element(By.ID, "tab-speakers").click()
        shown(page, "#panel [aria-label^='Learn the voice']").click()
        name, consent = (shown(page, f"dialog {each}") for each in ("input", "textarea"))
        name.clear()
        name.send_keys("Ilse")
        learn = shown(page, "dialog button[type=submit]")
        assert not learn.is_enabled()
        fine(page)
        consent.send_keys(CONSENT)
        learn.click()
        wait_until(lambda: page.find_elements(By.CSS_SELECTOR, "#panel .known"))
        (voice,) = answer(server, "/v1/voices")["items"]
        assert (voice["name"], voice["consent"]) == ("Ilse", CONSENT)
        httpx.delete(f"{server.url}/v1/voices/Ilse", timeout=60).raise_for_status()

    def test_unknown_voices_that_sound_alike_get_one_name(self, page, server, made):
        """In all transcripts at once; what is not theirs can be left out."""
        page.get(f"{server.url}/settings/voices")
        card = shown(page, ".card > li", "call.wav")
        assert "talk.wav" in card.text
        fine(page)
        card.find_element(By.XPATH, ".//button[normalize-space()='Name this voice']").click()
        shown(page, "dialog input").clear()
        shown(page, "dialog input").send_keys("Ben")
        shown(page, "dialog textarea").send_keys(CONSENT)
        shown(page, "dialog button[type=submit]").click()
        shown(page, ".card .who", "Ben")
        for transcript in made:
            voices = [
                each["voice"]
                for each in answer(server, f"/v1/transcripts/{transcript}")["speakers"]
            ]
            assert "Ben" in [each and each["name"] for each in voices]
        shown(page, "[aria-label='Forget Ben']").click()
        shown(page, "dialog button", "Forget").click()
        shown(page, ".card", "No voice is known yet")
