"""The page that plays by itself: what is on it, and that it plays in a real Chromium."""

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from trax.export import FORMATS
from trax.export.player import with_sound
from trax.testing import tone, write_audio
from trax.testing.browser import complaints, findings, missing_browser, show_as
from trax.testing.samples import transcript
from trax.testing.waiting import wait_until

AXE = Path(__file__).resolve().parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
HOSTILE = "</script><script>alert(1)</script>"
FRAMES = """
const [frames, done] = arguments, real = window.requestAnimationFrame;
let asked = 0, seen = 0;
window.requestAnimationFrame = (then) => { asked += 1; return real(then); };
const next = () => (++seen > frames ? done(asked) : real(next));
real(next);
"""
"""How often the page asks for another frame in so many of them."""
LOOKS = [("light", 1360), ("dark", 360)]

needs_browser = pytest.mark.skipif(
    bool(missing_browser()), reason=missing_browser() or "there is a browser"
)


@pytest.fixture(scope="module")
def document():
    """Words of a recording called `talk & more.wav`."""
    made = transcript()
    return replace(made, recording=replace(made.recording, name="talk & more.wav"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory, document):
    """The page, and the recording beside it."""
    made = tmp_path_factory.mktemp("player")
    (made / "page.html").write_bytes(FORMATS["html"].render(document))
    write_audio(made / "talk & more.wav", tone(10.0))
    return made


def words(browser):
    return browser.find_elements(By.CSS_SELECTOR, "main i")


def time(browser) -> float:
    return browser.execute_script("return document.querySelector('audio').currentTime")


def test_nothing_that_was_said_is_run(document):
    """It stands there as text, and the page's policy knows its own script and style alone."""
    hostile = transcript([("SPEAKER_00", HOSTILE)])
    page = FORMATS["html"].render(hostile).decode()
    assert HOSTILE not in page
    assert page.count("<script>") == 1
    assert "default-src 'none'" in page
    assert "media-src 'self' data: blob: file:; base-uri 'none'; form-action 'none'" in page
    for tag, start in (("script", "<script>"), ("style", "<style>")):
        body = page.partition(start)[2].partition(f"</{tag}>")[0]
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in page


def test_the_sound_within_is_the_sound(document):
    """Byte for byte, in whatever parts it comes."""
    sound = bytes(range(256)) * 3000
    parts = [sound[:1], sound[1:500_000], sound[500_000:]]
    page = b"".join(with_sound(document, parts, "audio/mp4")).decode()
    (within,) = re.findall(r"data:audio/mp4;base64,([^\"]+)", page)
    assert base64.b64decode(within) == sound


@needs_browser
class TestInABrowser:
    @pytest.mark.parametrize(("scheme", "width"), LOOKS)
    def test_a_click_on_a_word_plays_from_there(self, chrome, folder, scheme, width):
        """With the recording beside the page; the word that is heard is marked."""
        show_as(chrome, scheme, width)
        chrome.get((folder / "page.html").as_uri())
        word = words(chrome)[3]
        word.click()
        wait_until(lambda: chrome.find_elements(By.CSS_SELECTOR, "i.now"))
        assert chrome.find_element(By.CSS_SELECTOR, "i.now").text
        wait_until(lambda: time(chrome) > 0.5)
        assert complaints(chrome) == []
        assert chrome.execute_script("return document.documentElement.scrollWidth") <= width
        if AXE.exists():
            assert findings(chrome, AXE) == []
            complaints(chrome)

    def test_however_often_one_clicks_a_frame_is_asked_for_once(self, chrome, folder):
        """While it plays: every click moves the mark, and begins nothing besides."""
        show_as(chrome)
        chrome.get((folder / "page.html").as_uri())
        for word in [*words(chrome)[:3]] * 3:
            word.click()
            wait_until(
                lambda: not chrome.execute_script("return document.querySelector('audio').seeking")
            )
        assert chrome.execute_async_script(FRAMES, 10) <= 11
        complaints(chrome)

    def test_a_recording_that_lies_elsewhere_is_asked_for(self, chrome, folder, tmp_path):
        """And is played once it is chosen."""
        page = tmp_path / "page.html"
        page.write_bytes((folder / "page.html").read_bytes())
        show_as(chrome)
        chrome.get(page.as_uri())
        field = wait_until(
            lambda: chrome.find_element(By.CSS_SELECTOR, "#file:not([hidden]) input")
        )
        field.send_keys(str(folder / "talk & more.wav"))
        words(chrome)[3].click()
        wait_until(lambda: time(chrome) > 0.5)
        complaints(chrome)


def test_the_command_puts_the_sound_into_the_page(trax, recording, tmp_path):
    """Only where it is asked for, and only into a page."""
    trax("transcribe", recording, "--no-server", "--out", tmp_path / "made")
    trax("export", "latest", "--format", "html", "--out", tmp_path / "beside")
    trax("export", "latest", "--format", "html", "--embed-audio", "--out", tmp_path / "within")
    (beside,) = (tmp_path / "beside").glob("*.html")
    (within,) = (tmp_path / "within").glob("*.html")
    assert "data:audio/mp4;base64," in within.read_text()
    assert "data:audio" not in beside.read_text()
    refused = trax("export", "latest", "--format", "txt", "--embed-audio")
    assert (refused.exit_code, "--format html" in refused.stderr) == (2, True)
