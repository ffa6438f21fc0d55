"""The web interface in a real Chromium, before a real service with scripted engines."""

import base64
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from trax.testing import tone, write_audio
from trax.testing.browser import complaints, findings, missing_browser, show_as
from trax.testing.engine_server import scripted_workspace
from trax.testing.library import fill
from trax.testing.servers import WebServer
from trax.testing.waiting import wait_until

ROOT = Path(__file__).resolve().parents[1]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
LOOKS = [("light", 1360), ("dark", 1360), ("light", 360), ("dark", 360)]

PAGES = {
    "/": "table a",
    "/settings": "select",
    "/settings/users": ".content p",
    "/settings/tokens": ".content p",
    "/settings/nowhere": "h1",
}

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(bool(missing_browser()), reason=missing_browser() or "there is a browser"),
]

needs_axe = pytest.mark.skipif(not AXE.exists(), reason="axe-core comes with `npm ci` in web/")

DROP = """
const bytes = Uint8Array.from(atob(arguments[0]), (letter) => letter.charCodeAt(0));
const carried = new DataTransfer();
for (const name of arguments[1]) carried.items.add(new File([bytes, name], name));
for (const kind of ["dragenter", "dragover", "drop"])
  document.body.dispatchEvent(
    new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));
"""

HOLD_DESCRIPTION = """
const ask = window.fetch;
window.fetch = (url, ...others) => String(url).includes("openapi.json")
  ? new Promise((answer) => {
      window.release = () => { answer(ask(url, ...others)); return true; };
    })
  : ask(url, ...others);
"""

RECORD_REQUESTS = """
window.asked = [];
const open = XMLHttpRequest.prototype.open;
XMLHttpRequest.prototype.open = function (method, url, ...others) {
  window.asked.push(method);
  return open.call(this, method, url, ...others);
};
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("interface")


@pytest.fixture(scope="module")
def server(home):
    """A service with a library."""
    started = WebServer(home, "--jobs", "1")
    fill(scripted_workspace(home).repository)
    yield started
    started.stop()


@pytest.fixture
def own_server(tmp_path):
    """A service of the test's own."""
    started = WebServer(tmp_path / "own")
    yield started
    started.stop()


@pytest.fixture
def page(chrome, server):
    """The library, as somebody sees it who comes for the first time; nothing is refused there."""
    show_as(chrome)
    chrome.get(server.url)
    chrome.execute_script("localStorage.clear()")
    chrome.get(server.url)
    complaints(chrome)
    yield Page(chrome, server.url)
    # Transcripts of the library that is made up have no sound to be drawn.
    assert [each for each in complaints(chrome) if "/peaks?" not in each] == []


class Page:
    """What a person does with a page."""

    def __init__(self, browser, url: str) -> None:
        self.browser, self.url = browser, url

    def go(self, path: str) -> None:
        self.browser.get(self.url + path)

    def found(self, selector: str, text: str = "", seconds: float = 30.0):
        """The first element that *selector* finds and that has *text*, once it is shown."""
        what = f"{selector} with {text!r}"
        try:
            return wait_until(lambda: self.shown(selector, text), seconds, what=what)
        except AssertionError as error:
            error.add_note(self.browser.find_element(By.TAG_NAME, "body").text)
            raise

    def gone(self, selector: str, text: str, seconds: float = 30.0) -> None:
        what = f"the end of {selector} with {text!r}"
        wait_until(lambda: not self.has(selector, text), seconds, what=what)

    def has(self, selector: str, text: str) -> bool:
        return self.shown(selector, text) is not None

    def shown(self, selector: str, text: str):
        """The first such element now; ``None`` if there is none."""
        with suppress(StaleElementReferenceException):
            for each in self.browser.find_elements(By.CSS_SELECTOR, selector):
                if each.is_displayed() and text in each.text:
                    return each
        return None

    def drop(self, data: bytes, *names: str) -> None:
        """Drop a file, which differs by its name, as many times as there are names."""
        self.found("h1", "Library")
        self.browser.execute_script(DROP, base64.b64encode(data).decode(), list(names))

    def choose(self, *paths: Path) -> None:
        self.found("h1", "Library")
        field = self.browser.find_element(By.CSS_SELECTOR, "input[type=file]")
        field.send_keys("\n".join(map(str, paths)))

    def click(self, selector: str, text: str = "") -> None:
        """Click in the middle of the window, where no bar is above what is clicked."""
        found = self.found(selector, text)
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
        found.click()

    def fill(self, label: str, text: str) -> None:
        """Write in the field that *label* names, in the dialog if one is open."""
        where = "dialog[open]" if self.browser.find_elements(By.TAG_NAME, "dialog") else "main"
        field = self.found(f"{where} label", label).find_element(By.TAG_NAME, "input")
        field.clear()
        field.send_keys(text)

    def submit(self) -> None:
        self.found("dialog button:enabled", "Transcribe").click()


class Line:
    """A slow line to a service.

    Attributes:
        url: the service's address through it.
        pause: seconds after each 100 kB that go to the service.
    """

    def __init__(self, url: str, pause: float = 0.3) -> None:
        self.pause = pause
        self._ends: list[socket.socket] = []
        self._far = ("127.0.0.1", urlsplit(url).port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection."""
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            near, _ = self._listening.accept()
            far = socket.create_connection(self._far)
            self._ends += (near, far)
            for ends in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, is_slow: bool) -> None:
        with suppress(OSError):
            while data := source.recv(100_000):
                sink.sendall(data)
                time.sleep(self.pause if is_slow and len(data) > 10_000 else 0)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def sound(folder: Path, seconds: float) -> Path:
    return write_audio(folder / f"{seconds}.wav", tone(seconds))


def test_a_dropped_file_becomes_a_transcript_that_can_be_opened(page, tmp_path):
    """Drop, confirm, open: three things to do, from nothing to the words."""
    page.drop(sound(tmp_path, 2.0).read_bytes(), "dropped.wav")
    page.submit()
    page.found("table a", "dropped.wav").click()
    assert "/t/" in page.browser.current_url
    page.found("main", "hello")


def test_twenty_files_at_once_are_twenty_transcripts(page, client, tmp_path):
    """None is lost, and what is more than twenty is said not to be taken."""
    names = [f"many {number:02d}.wav" for number in range(21)]
    page.drop(sound(tmp_path, 1.0).read_bytes(), *names)
    page.found("[role=status]", "first 20 were taken")
    page.submit()
    page.found("table a", "many 19.wav", seconds=120)
    page.gone("section", "In progress", seconds=120)
    items = client.get("/v1/transcripts", params={"limit": 100}).json()["items"]
    assert {item["name"] for item in items} >= set(names[:20])
    assert names[20] not in {item["name"] for item in items}


def test_an_upload_goes_on_after_its_tab_was_closed(page, server, tmp_path):
    """Choosing the file again sends what is missing, not what has come."""
    large = write_audio(tmp_path / "large.wav", tone(600.0))
    line = Line(server.url)
    page.url = line.url
    page.go("/")
    page.choose(large)
    page.submit()
    page.found("li", "a second")
    page.go("/settings/nowhere")
    line.cut()
    page.go("/")
    page.found("li", "choose the same file again")
    complaints(page.browser)  # of what was cut
    line.pause = 0.0
    page.browser.execute_script(RECORD_REQUESTS)
    page.choose(large)
    page.submit()
    page.found("table a", "large.wav", seconds=60)
    assert page.browser.execute_script("return window.asked.slice(0, 2)") == ["HEAD", "PATCH"]


def test_what_was_said_into_the_microphone_is_transcribed(page):
    """Recorded in the page, sent like a file, and not kept in the browser any longer."""
    page.found("button", "Record").click()
    page.found("[role=timer]", "0:02")
    page.found("dialog button", "Stop and transcribe").click()
    page.found("dialog li", "Recording")
    page.submit()
    page.found("table a", "Recording").click()
    page.found("main", "hello")
    page.go("/")
    page.found("table a", "Recording")
    assert not page.has("h2", "not sent yet")


def test_a_recording_survives_its_tab(page):
    """Whatever was recorded until the page went is still there afterwards."""
    page.found("button", "Record").click()
    page.found("[role=timer]", "0:03")
    page.go("/settings/nowhere")
    page.go("/")
    page.found("h2", "not sent yet")
    page.found("li button", "Transcribe").click()
    page.submit()
    page.gone("h2", "not sent yet")
    page.found("table a", "Recording")


def test_a_job_is_followed_and_can_be_cancelled_and_tried_again(page, client, tmp_path):
    """The list says what it does, without anybody reloading it."""
    upload = client.put("/v1/uploads/long.wav", content=sound(tmp_path, 3.0).read_bytes()).json()
    options = {"recognition": {"prompt": "slow 60"}}
    client.post("/v1/jobs", json={"upload": upload["id"], "options": options})
    page.found("li [role=progressbar]")
    page.found("li button[aria-expanded]", "long.wav").click()
    page.found("li ol", "Reading the recording")
    page.found("button[aria-label='Cancel: long.wav']").click()
    page.found("li", "Cancelled")
    page.found("li button", "Try again").click()
    page.found("li [role=progressbar]")
    page.found("button[aria-label='Cancel: long.wav']").click()
    page.found("li", "Cancelled")


def test_a_failure_is_told_in_plain_words(page, client):
    """What is wrong and what to do; no code, no traceback."""
    upload = client.put("/v1/uploads/notes.wav", content=b"no sound at all" * 50).json()
    client.post("/v1/jobs", json={"upload": upload["id"]}, params={"wait": 30})
    page.go("/")
    told = page.found("li", "Cannot read audio from notes.wav").text
    assert "Fix or replace the recording" in told
    assert "Error" not in told


def test_a_hit_of_the_search_opens_the_transcript_where_it_was_said(page):
    """At the second at which the passage begins."""
    page.found("input[aria-label='Search everything that was said']").send_keys("nobody expects")
    page.found("mark", "nobody")
    page.found("article li a", "0:15").click()
    assert page.browser.current_url.endswith("#t=15") or "#t=15.0" in page.browser.current_url


def test_filters_leave_what_matches(page):
    """By language and by name, and they can be cleared."""
    page.found("table a", "Hafenbrücke")
    page.found("select[aria-label=Language]").send_keys("German")
    page.gone("table a", "Council meeting")
    page.found("input[aria-label='Filter by name']").send_keys("nothing like it")
    page.found("button", "Clear the filters").click()
    page.found("table a", "Council meeting")


def test_folders_keep_transcripts_together(page, tmp_path):
    """Made, filled by hand and by what is added while they are open, and removed without loss."""
    page.click("button[aria-label='New folder']")
    page.fill("Name of the folder", "Harbour")
    page.click("dialog button[type=submit]")
    page.found("main p", "Nothing is in this folder yet")
    page.choose(sound(tmp_path, 2.7))
    page.submit()
    page.found("table a", "2.7.wav")
    page.click("nav button", "Everything")
    page.click("button[aria-label^='Move Council meeting']")
    page.click("dialog label", "Harbour")
    page.click("dialog button", "Move")
    page.gone("dialog", "")
    page.click("nav button", "Harbour")
    page.found("table a", "Council meeting")
    page.gone("table a", "Hafenbrücke")
    page.found("table a", "2.7.wav")
    page.click("button[aria-label='Remove the folder']")
    page.click("dialog footer button", "Remove the folder")
    page.found("table a", "Hafenbrücke")
    page.found("table a", "Council meeting")


def test_options_are_remembered(page, tmp_path):
    """Whoever chose a plan once finds it chosen."""
    page.choose(sound(tmp_path, 2.5))
    page.found("dialog label", "Fast").click()
    page.submit()
    page.found("table a", "2.5.wav")
    page.choose(sound(tmp_path, 2.6))
    assert "Fast" in page.found("dialog label.chosen").text
    page.found("dialog button", "Reset to defaults").click()
    assert "Balanced" in page.found("dialog label.chosen").text
    page.found("dialog").send_keys(Keys.ESCAPE)


def test_nothing_can_be_submitted_before_its_options_are_shown(page, tmp_path):
    """However late the service describes them; without a language model, nothing is asked of it."""
    held = {"source": HOLD_DESCRIPTION}
    added = page.browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", held)
    page.go("/")
    page.browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
    page.choose(sound(tmp_path, 2.8))
    submit = page.found("dialog button", "Transcribe")
    assert not submit.is_enabled()
    wait_until(lambda: page.browser.execute_script("return window.release?.() ?? false"))
    page.found("dialog p", "No language model is configured")
    assert submit.is_enabled()
    assert not page.has("dialog legend", "What the language model may do")
    languages = page.found("dialog select").text.split("\n")
    assert languages[0].strip() == "Automatic"
    assert "German" in [each.strip() for each in languages]
    page.found("dialog").send_keys(Keys.ESCAPE)


def test_the_interface_speaks_german(page):
    """Every room has both languages."""
    page.browser.execute_script("localStorage.setItem('trax.language', 'de')")
    page.go("/")
    page.found("h1", "Bibliothek")
    assert page.browser.execute_script("return document.documentElement.lang") == "de"


def test_an_unknown_address_says_so(page):
    """And leads back."""
    page.go("/settings/nowhere")
    page.found("h1", "There is no such page")
    page.found("a", "Go to the library").click()
    page.found("h1", "Library")


def test_the_first_user_closes_the_service_and_signs_in(chrome, own_server):
    """Added in the pages; from then on nothing is shown to whoever has not signed in."""
    page = Page(chrome, own_server.url)
    page.go("/settings/users")
    page.found("button", "Add somebody").click()
    page.fill("Name", "anna")
    page.fill("Password", "correct horse battery")
    page.found("dialog button[type=submit]").click()
    page.found("h1", "Sign in")
    page.go("/settings/tokens")
    page.fill("Name", "anna")
    page.fill("Password", "wrong")
    page.found("main button", "Sign in").click()
    page.found("[role=alert]", "name or password is wrong")
    page.fill("Password", "correct horse battery")
    page.found("main button", "Sign in").click()
    page.found("h1", "Tokens")
    page.found("button", "Create a token").click()
    page.fill("What it is for", "newsroom")
    page.found("dialog button[type=submit]").click()
    secret = page.found("dialog code").text
    headers = {"Authorization": f"Bearer {secret}"}
    assert httpx.get(f"{own_server.url}/v1/me", headers=headers).json()["name"] == "newsroom"
    page.found("dialog footer button", "Close").click()
    page.found("button[aria-label='Revoke newsroom']").click()
    page.found("td", "Revoked")
    page.found("header button[popovertarget]").click()
    page.found("[popover] button", "Sign out").click()
    page.found("h1", "Sign in")
    assert httpx.get(f"{own_server.url}/v1/transcripts").status_code == 401


@needs_axe
@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_pages_are_for_everybody(page, tmp_path, scheme, width):
    """No serious finding of axe-core in any look, and nothing wider than a narrow screen."""
    show_as(page.browser, scheme, width)
    for path, landmark in PAGES.items():
        page.go(path)
        page.found(landmark)
        assert findings(page.browser, AXE) == [], path
        assert _is_as_wide_as(page.browser, width), path
    page.go("/")
    page.choose(sound(tmp_path, 2.0))
    page.found("dialog summary").click()
    assert findings(page.browser, AXE) == []
    page.found("dialog").send_keys(Keys.ESCAPE)
    page.found("input[aria-label='Search everything that was said']").send_keys("bridge")
    page.found("mark", "bridge")
    assert findings(page.browser, AXE) == []


def _is_as_wide_as(browser, width: int) -> bool:
    return browser.execute_script("return document.documentElement.scrollWidth") <= width
