"""From an empty library to a corrected transcript in a file, as somebody goes there in a browser.

Tests count the clicks, and the documentation films them.
"""

from dataclasses import dataclass
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from trax.testing.visit import Look, Visit, unseen
from trax.testing.waiting import wait_until

# Presses are counted and not clicks: a form that is sent by Enter clicks its button by itself.
_COUNT = """
addEventListener("pointerdown", () => {
  sessionStorage.setItem("presses", 1 + Number(sessionStorage.getItem("presses")));
}, true);
"""
_MOST_PLACES = 30


@dataclass(frozen=True, slots=True)
class Gone:
    """What somebody did, and what came of it.

    Attributes:
        clicks: in the browser, as the pages saw them.
        replaced: the words that were corrected.
        file: the exported transcript.
    """

    clicks: int
    replaced: str
    file: Path


def first_transcript(
    browser: webdriver.Chrome,
    address: str,
    recording: Path,
    downloads: Path,
    correction: str,
    wrong: str = "",
    look: Look = unseen,
) -> Gone:
    """Add *recording*, write *correction* where the review doubts *wrong* (where it doubts first,
    if that is empty), and export the text.
    """
    visit = Visit(browser, look)
    _prepare(browser, downloads)
    browser.get(address)
    visit.click("main button", "Add recordings")
    browser.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(str(recording))
    visit.click("dialog button:enabled", "Transcribe")
    visit.follow("table a", recording.name)
    visit.click("table a", recording.name)
    visit.found(".cm-line")
    visit.found("#panel .headline")
    replaced = _doubted(visit, wrong)
    visit.press("t")
    visit.press(correction)
    visit.press(Keys.ENTER)
    visit.click("[role=tab]", "Export")
    visit.found("#panel pre", correction)
    visit.click("#panel a", "Download")
    (file,) = wait_until(lambda: [*downloads.glob("*.txt")], 30, what="the file")
    look("step", None)
    return Gone(int(browser.execute_script("return sessionStorage.presses")), replaced, file)


def _doubted(visit: Visit, wrong: str) -> str:
    """Go from doubt to doubt until it is about *wrong*, and give the words."""
    for _place in range(_MOST_PLACES):
        visit.press("n")
        doubted = visit.found("#panel mark").text
        if wrong in doubted:
            return doubted
    raise AssertionError(f"nobody doubts {wrong!r}")


def _prepare(browser: webdriver.Chrome, downloads: Path) -> None:
    """Count presses, keep what is downloaded, and have files chosen by their names."""
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _COUNT})
    browser.execute_cdp_cmd("Page.enable", {})
    browser.execute_cdp_cmd("Page.setInterceptFileChooserDialog", {"enabled": True})
    kept = {"behavior": "allow", "downloadPath": str(downloads)}
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", kept)
