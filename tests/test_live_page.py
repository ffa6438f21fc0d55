"""The page of live captions in a real Chromium that hears a file."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from trax.testing.browser import chromium, findings, missing_browser, show_as
from trax.testing.levels import WORDS, spoken
from trax.testing.waiting import wait_until

ROOT = Path(__file__).resolve().parents[1]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
BUILT = any((ROOT / "trax/web/static/assets").glob("capture.worklet-*.js"))

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(bool(missing_browser()), reason=missing_browser() or "there is a browser"),
    pytest.mark.skipif(not BUILT, reason="the page is not built"),
]


@pytest.fixture
def hearing(tmp_path):
    """A browser whose microphone hears words."""
    said = [*WORDS[:12], "", "", *WORDS[12:24], "", "", *WORDS[24:36], "", ""]
    sound = tmp_path / "said.wav"
    soundfile.write(sound, np.repeat(spoken(said), 3), 48_000)
    switch = f"--use-file-for-fake-audio-capture={sound}"
    with chromium(tmp_path / "profile", switches=(switch,)) as browser:
        yield browser


def all_of(browser, selector):
    return browser.find_elements(By.CSS_SELECTOR, selector)


def texts(browser, selector):
    """At one moment: what is shown changes while words come."""
    script = "return [...document.querySelectorAll(arguments[0])].map(each => each.textContent)"
    return browser.execute_script(script, selector)


def click(browser, selector, at=0):
    browser.execute_script(
        f"[...document.querySelectorAll(arguments[0])].at({at}).click()", selector
    )


def test_captions_become_a_transcript_with_what_was_decided(server, hearing):
    """Words while they are said; a name, a correction; at the stop the editor on all of it."""
    hearing.get(f"{server.url}/live")
    wait_until(lambda: all_of(hearing, "form button"))
    click(hearing, "form button")
    wait_until(lambda: all_of(hearing, "aside input") and len(texts(hearing, "p button")) > 8)
    for scheme, width in (("light", 1360), ("dark", 360)):
        show_as(hearing, scheme, width)
        if AXE.exists():
            assert findings(hearing, AXE) == []
        assert hearing.execute_script("return document.documentElement.scrollWidth") <= width
    show_as(hearing)
    all_of(hearing, "aside input")[0].send_keys("Anna", Keys.TAB)
    wait_until(lambda: "Anna" in texts(hearing, "p b"))
    click(hearing, "p button", 2)
    typing = wait_until(lambda: all_of(hearing, "p input"))[0]
    typing.send_keys(Keys.CONTROL, "a", Keys.NULL, "Cintra", Keys.ENTER)
    wait_until(lambda: "Cintra" in texts(hearing, "p button"))
    click(hearing, ".controls button", -1)
    wait_until(lambda: "/t/" in hearing.current_url)
    wait_until(lambda: "Cintra" in hearing.page_source and "Anna" in hearing.page_source)
