"""The page of figures in a real Chromium, before a service whose history is known."""

from contextlib import suppress
from pathlib import Path

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from trax.testing.browser import complaints, findings, missing_browser, show_as
from trax.testing.engine_server import scripted_workspace
from trax.testing.history import plant
from trax.testing.servers import WebServer
from trax.testing.waiting import wait_until

ROOT = Path(__file__).resolve().parents[1]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
DAYS = 60
LOOKS = [("light", 1360), ("dark", 1360), ("light", 360), ("dark", 360)]

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(bool(missing_browser()), reason=missing_browser() or "there is a browser"),
]


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """The page's address, of a service that worked for two months."""
    home = tmp_path_factory.mktemp("history")
    plant(scripted_workspace(home).database, DAYS)  # a service adds up days that are over at once
    started = WebServer(home, "--jobs", "1")
    yield f"{started.url}/analytics"
    started.stop()


def told(browser, *texts: str, within: str = "main") -> str:
    """What the page says, once it says all of *texts*."""

    def found() -> str | None:
        with suppress(StaleElementReferenceException):
            for each in browser.find_elements(By.CSS_SELECTOR, within):
                if all(text in each.text for text in texts):
                    return each.text
        return None

    return wait_until(found, 30.0, what=f"{within} with {texts}")


def test_the_page_tells_what_the_figures_say(chrome, url):
    """Half of thirty days had two recordings of half an hour, and each fifth day a failure."""
    show_as(chrome)
    chrome.get(url)
    told(chrome, "Recordings done\n45", "22 hr 30 min", "4 ×", "11.8%", within="dl")
    told(chrome, "disk full", "6 jobs", "Free space where the data lie")
    told(chrome, "Five minutes of audio transcribed", "Not met", "75 sec")
    told(chrome, "Speech with the right speaker", "Not measurable", "no transcript says how sure")
    told(chrome, "What bounds throughput", "too few jobs ran while others waited")
    told(chrome, "Results at hand by day", "Retries by day", "small.en")
    assert chrome.find_elements(By.CSS_SELECTOR, "[role=img] canvas")
    rows = chrome.find_elements(By.CSS_SELECTOR, "[aria-label='Work done: figures'] tbody tr")
    assert [row.text.split()[-2] for row in rows[:2]] == ["0.5", "1"]
    assert complaints(chrome) == []


def test_a_period_is_compared_with_the_one_before(chrome, url):
    """Thirty days with as many before them; with nothing known, there is no difference."""
    show_as(chrome)
    chrome.get(url)
    told(chrome, "Recordings done\n45", within="dl")
    Select(chrome.find_element(By.CSS_SELECTOR, "select")).select_by_value("before")
    told(chrome, "45 before", within="dl")
    assert "compare=before" in chrome.current_url
    Select(chrome.find_element(By.CSS_SELECTOR, "select")).select_by_value("year")
    told(chrome, "0 before", within="dl")


def test_an_empty_period_says_so(chrome, url):
    """And leads back to the library."""
    chrome.get(f"{url}?since=2001-01-01&until=2001-01-31")
    told(chrome, "Nothing was transcribed in this period.")


@pytest.mark.skipif(not AXE.exists(), reason="axe-core comes with `npm ci` in web/")
@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_the_page_is_for_everybody(chrome, url, scheme, width):
    """No serious finding of axe-core in any look, and nothing wider than a narrow screen."""
    show_as(chrome, scheme, width)
    chrome.get(f"{url}?compare=before")
    told(chrome, "45 before", within="dl")
    assert findings(chrome, AXE) == []
    assert chrome.execute_script("return document.documentElement.scrollWidth") <= width
