"""A transcript's page in a real Chromium: what is typed is saved, and what it costs to reach it."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from test_suggestions import BEN, SAID, samples

from trax.pipelines.transcribe import transcribe
from trax.service.recordings import upload
from trax.stages.options import TranscribeOptions
from trax.stages.voices import Voices, voices_key
from trax.testing import tone, transcript, write_audio
from trax.testing.browser import complaints, findings, missing_browser, show_as
from trax.testing.engine_server import scripted_workspace
from trax.testing.servers import WebServer
from trax.testing.waiting import wait_until
from trax.transcript import Alternative, Transcript
from trax.transcript.codec import to_json

AXE = Path(__file__).resolve().parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"

HOLD_UNDO = """
const ask = window.fetch;
window.fetch = async (url, ...others) => {
  const answer = await ask(url, ...others);
  if (String(url).endsWith("/undo")) await new Promise((done) => { window.release = done; });
  return answer;
};
"""

ALONE = """
const ask = window.fetch;
window.fetch = (url, ...others) =>
  String(url.url ?? url).endsWith("/coediting")
    ? Promise.resolve(new Response("{}", { status: 404 }))
    : ask(url, ...others);
"""
"""Nobody else is joined: the page saves by itself, as it does by a link."""

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(bool(missing_browser()), reason=missing_browser() or "there is a browser"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("editing")


@pytest.fixture(scope="module")
def transcript_id(home):
    """Of a recording that can be played."""
    workspace = scripted_workspace(home)
    file = write_audio(home / "talk.wav", tone(15.0))
    source = upload(workspace, file, "talk.wav")
    return transcribe(workspace, source, TranscribeOptions()).transcript_id


@pytest.fixture(scope="module")
def server(home, transcript_id):
    started = WebServer(home, "--jobs", "1")
    yield started
    started.stop()


@pytest.fixture
def page(chrome, server, transcript_id):
    """The transcript's page, once its text is shown."""
    show_as(chrome)
    opened(chrome, f"{server.url}/t/{transcript_id}")
    complaints(chrome)
    yield chrome
    assert complaints(chrome) == []


@pytest.fixture
def alone(chrome):
    """Pages that are opened from now on share no text."""
    script = {"source": ALONE}
    added = chrome.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", script)
    yield
    chrome.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


def opened(chrome, address: str) -> None:
    chrome.get(address)
    wait_until(lambda: lines(chrome) and lines(chrome)[0].text)


def lines(chrome):
    return chrome.find_elements(By.CSS_SELECTOR, ".cm-line")


def text(chrome) -> str:
    return chrome.find_element(By.CSS_SELECTOR, ".cm-content").text


def press(chrome, *keys: str) -> None:
    ActionChains(chrome).send_keys(*keys).perform()


def chord(chrome, held: str, key: str) -> None:
    ActionChains(chrome).key_down(held).send_keys(key).key_up(held).perform()


def button(chrome, name: str):
    return chrome.find_element(By.XPATH, f"//button[normalize-space()='{name}']")


def is_saved(chrome) -> bool:
    return "saved" in chrome.find_element(By.CSS_SELECTOR, ".state").get_attribute("class").split()


def exported(server, transcript_id: str) -> str:
    answer = httpx.get(f"{server.url}/v1/transcripts/{transcript_id}/exports/txt", timeout=60)
    return answer.raise_for_status().text


class TestTyping:
    def test_what_is_typed_is_saved_shown_again_and_exported(self, page, server, transcript_id):
        """Words that nobody touched keep their times."""
        url = f"{server.url}/v1/transcripts/{transcript_id}"
        before = httpx.get(url, timeout=60).json()
        button(page, "Edit").click()
        press(page, Keys.CONTROL + Keys.HOME + Keys.NULL, "Zebras ")
        wait_until(lambda: is_saved(page) and "Zebras" in exported(server, transcript_id))
        opened(page, page.current_url)
        assert "Zebras" in text(page)
        after = httpx.get(url, timeout=60).json()
        times = {word["id"]: (word["start"], word["end"]) for word in words_of(after)}
        for word in words_of(before):
            assert times[word["id"]] == (word["start"], word["end"])

    def test_a_line_is_split_given_to_somebody_and_all_that_undone(
        self, page, server, transcript_id
    ):
        """By keys alone; afterwards the export is what it was."""
        before = exported(server, transcript_id)
        button(page, "Edit").click()
        press(page, Keys.CONTROL + Keys.HOME + Keys.NULL, Keys.ARROW_DOWN, Keys.HOME)
        chord(page, Keys.CONTROL, Keys.ARROW_RIGHT)
        press(page, Keys.ENTER)
        chord(page, Keys.ALT, "1")
        wait_until(lambda: is_saved(page) and exported(server, transcript_id) != before)
        chord(page, Keys.CONTROL, "z")
        chord(page, Keys.CONTROL, "z")
        wait_until(lambda: is_saved(page) and exported(server, transcript_id) == before)

    def test_undo_goes_on_where_the_page_began(self, page, server, transcript_id):
        """What was saved before a reload is taken back by the service."""
        before = exported(server, transcript_id)
        button(page, "Edit").click()
        press(page, Keys.CONTROL + Keys.HOME + Keys.NULL, "Later ")
        wait_until(lambda: is_saved(page) and "Later" in exported(server, transcript_id))
        opened(page, page.current_url)
        page.find_element(By.CSS_SELECTOR, "[aria-label=Undo]").click()
        wait_until(lambda: exported(server, transcript_id) == before)
        wait_until(lambda: "Later" not in text(page))

    def test_what_is_typed_while_undo_is_answered_stays(self, page, server, transcript_id):
        """Undo of what was saved before a reload puts another version on the page."""
        button(page, "Edit").click()
        press(page, Keys.CONTROL + Keys.HOME + Keys.NULL, "Former ")
        wait_until(lambda: is_saved(page) and "Former" in exported(server, transcript_id))
        opened(page, page.current_url)
        page.execute_script(HOLD_UNDO)
        page.find_element(By.CSS_SELECTOR, "[aria-label=Undo]").click()
        wait_until(lambda: page.execute_script("return 'release' in window"))
        button(page, "Edit").click()
        press(page, Keys.CONTROL + Keys.END + Keys.NULL, " kept")
        page.execute_script("release()")
        shown = "return document.querySelector('.cm-content')?.innerText ?? 'Former'"
        wait_until(lambda: "Former" not in page.execute_script(shown))
        wait_until(lambda: "kept" in exported(server, transcript_id))
        wait_until(lambda: "kept" in page.execute_script(shown))
        complaints(page)  # the service may have refused the first try

    def test_the_way_back_to_the_library_saves_what_was_typed(self, page, server, transcript_id):
        """At once, by the link above the text."""
        button(page, "Edit").click()
        press(page, Keys.CONTROL + Keys.HOME + Keys.NULL, "Parting ")
        page.find_element(By.LINK_TEXT, "Library").click()
        wait_until(lambda: page.find_elements(By.XPATH, "//h1[.='Library']"))
        wait_until(lambda: "Parting" in exported(server, transcript_id))

    def test_a_name_in_the_text_asks_who_speaks(self, page, server, transcript_id):
        """A turn is given to somebody new; undo gives it back."""
        before = exported(server, transcript_id)
        page.find_element(By.CSS_SELECTOR, ".who .name").click()
        wait_until(lambda: page.find_elements(By.CSS_SELECTOR, "[role=menu]"))
        button(page, "New speaker").click()
        wait_until(lambda: is_saved(page) and exported(server, transcript_id) != before)
        chord(page, Keys.CONTROL, "z")
        wait_until(lambda: is_saved(page) and exported(server, transcript_id) == before)

    def test_changes_go_on_top_of_what_others_saved_meanwhile(
        self, page, alone, server, transcript_id
    ):
        """Both are kept, and the page says so where nobody shares its text."""
        opened(page, f"{server.url}/t/{transcript_id}")
        button(page, "Edit").click()
        url = f"{server.url}/v1/transcripts/{transcript_id}"
        answer = httpx.get(url, timeout=60)
        last = words_of(answer.json())[-1]["id"]
        wish = {"operations": [{"kind": "replace", "word": last, "text": "meanwhile."}]}
        tag = {"If-Match": answer.headers["ETag"]}
        httpx.post(f"{url}/revisions", json=wish, headers=tag, timeout=60).raise_for_status()
        press(page, Keys.CONTROL + Keys.HOME + Keys.NULL, "Mine ")
        wait_until(lambda: "Mine" in exported(server, transcript_id))
        assert "meanwhile." in exported(server, transcript_id)
        wait_until(lambda: "meanwhile." in text(page) and "Mine" in text(page))
        assert "Somebody else" in page.find_element(By.CSS_SELECTOR, ".told").text
        complaints(page)  # the service refused the first try


class TestListening:
    def test_a_click_on_a_word_plays_from_there(self, page):
        """And the word that is heard is marked."""
        page.find_element(By.CSS_SELECTOR, ".cm-line:nth-child(2)").click()
        wait_until(lambda: page.execute_script("return trax.desk.player.playing"))
        assert page.execute_script("return trax.desk.player.time") > 3
        wait_until(lambda: page.find_elements(By.CSS_SELECTOR, ".heard"))
        press(page, "k")
        wait_until(lambda: not page.execute_script("return trax.desk.player.playing"))

    def test_an_address_with_a_time_leads_there(self, chrome, page, server, transcript_id):
        """For links in quotes."""
        chrome.get("about:blank")
        opened(chrome, f"{server.url}/t/{transcript_id}#t=6.5")
        wait_until(lambda: chrome.execute_script("return trax.desk.player.time") == 6.5)


class TestSpeakers:
    def test_turns_that_sound_like_somebody_are_offered_once_one_was_given_to_them(
        self, chrome, home, server, transcript_id, page
    ):
        """Heard one by one, and given to them in one step."""
        workspace = scripted_workspace(home)
        document = of_two_voices(workspace.repository.get(transcript_id))
        workspace.repository.save(document)
        kept = to_json(Voices(voices={}, samples=samples()))
        workspace.objects.put_bytes(voices_key(document.id), kept)
        opened(chrome, f"{server.url}/t/{document.id}")
        chrome.find_element(By.ID, "tab-speakers").click()
        for at in (1, 3):
            ids = [word.id for word in document.segments[at].words]
            chrome.execute_script("trax.desk.assign(arguments[0], arguments[1])", ids, BEN)
        offered = "#panel .like button.primary"
        wait_until(lambda: chrome.find_elements(By.CSS_SELECTOR, offered))
        assert (
            "1 more turn sounds like" in chrome.find_element(By.CSS_SELECTOR, "#panel .like").text
        )
        assert not AXE.exists() or findings(chrome, AXE) == []
        complaints(chrome)
        chrome.find_element(By.CSS_SELECTOR, offered).click()
        url = f"{server.url}/v1/transcripts/{document.id}"
        wait_until(lambda: httpx.get(url, timeout=60).json()["segments"][4]["speaker"] == BEN)
        assert not chrome.find_elements(By.CSS_SELECTOR, offered)


def of_two_voices(heard: Transcript) -> Transcript:
    """Another transcript of a recording, in which most of one's turns were taken for another's."""
    return replace(transcript(SAID), id="voices", recording=heard.recording)


class TestReview:
    def test_what_other_passes_read_is_taken_by_its_number(
        self, chrome, home, server, transcript_id, page
    ):
        """With the model that read it so; the word that stands there is replaced."""
        repository = scripted_workspace(home).repository
        repository.save(with_other_reading(repository.get(transcript_id)))
        opened(chrome, f"{server.url}/t/doubtful")
        wait_until(lambda: chrome.find_elements(By.CSS_SELECTOR, ".list button"))
        press(chrome, "n")
        wait_until(lambda: chrome.find_elements(By.CSS_SELECTOR, "#panel .reading"))
        shown = chrome.find_element(By.CSS_SELECTOR, "#panel .reading button").text.split()
        assert shown == ["1", "zebras", "small"]
        press(chrome, "1")
        wait_until(lambda: "zebras" in exported(server, "doubtful"))


def with_other_reading(document: Transcript) -> Transcript:
    """Another transcript of the recording; its first word is doubtful."""
    segment = document.segments[0]
    other = (Alternative("zebras", "small", 0.4),)
    words = (replace(segment.words[0], confidence=0.1, alternatives=other), *segment.words[1:])
    segments = (replace(segment, words=words), *document.segments[1:])
    return replace(document, id="doubtful", segments=segments)


def words_of(document: dict) -> list[dict]:
    return [word for segment in document["segments"] for word in segment["words"]]
