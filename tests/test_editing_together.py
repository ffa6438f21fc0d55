"""Two windows with one transcript open: what is typed and said in one is in the other."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from test_interface import Page

from trax.testing.browser import missing_browser, show_as
from trax.testing.engine_server import scripted_workspace
from trax.testing.samples import transcript
from trax.testing.servers import WebServer
from trax.testing.waiting import wait_until
from trax.transcript import identified

pytestmark = [
    pytest.mark.server,
    pytest.mark.xdist_group("interface"),
    pytest.mark.skipif(bool(missing_browser()), reason=missing_browser() or "there is a browser"),
]

LINES = "return [...document.querySelectorAll('.cm-line')].map((line) => line.textContent)"


@pytest.fixture(scope="module")
def transcript_id(tmp_path_factory):
    home = tmp_path_factory.mktemp("together")
    document = identified(transcript())
    scripted_workspace(home).repository.save(document)
    return home, document.id


@pytest.fixture(scope="module")
def windows(chrome, transcript_id):
    """Two windows that show it."""
    home, name = transcript_id
    server = WebServer(home, "--jobs", "1")
    show_as(chrome)
    page = Page(chrome, server.url)
    page.go(f"/t/{name}")
    page.found(".cm-line")
    first = chrome.current_window_handle
    chrome.switch_to.new_window("window")
    page.go(f"/t/{name}")
    page.found(".cm-line")
    yield page, (first, chrome.current_window_handle)
    server.stop()


def lines(page: Page) -> str:
    return " ".join(page.browser.execute_script(LINES))


def type_first(page: Page, letters: str) -> None:
    page.click(".modes button", "Edit")
    page.found(".cm-content").send_keys(Keys.CONTROL + Keys.HOME)
    ActionChains(page.browser).send_keys(letters).perform()


def test_what_one_types_the_other_sees_until_it_is_undone(windows):
    """Undo takes back what was done in this window."""
    page, (one, other) = windows
    page.browser.switch_to.window(one)
    page.found(".person")
    type_first(page, "Heretofore ")
    page.browser.switch_to.window(other)
    wait_until(lambda: "Heretofore" in lines(page))
    type_first(page, "Also ")
    page.browser.switch_to.window(one)
    wait_until(lambda: "Also" in lines(page))
    page.click("header button[aria-label='Undo']")
    page.browser.switch_to.window(other)
    wait_until(lambda: "Heretofore" not in lines(page))
    assert "Also" in lines(page)


def test_a_comment_of_one_is_answered_by_the_other(windows):
    page, (one, other) = windows
    page.browser.switch_to.window(one)
    page.click("[role=tab]", "Comments")
    page.click("#panel button", "Comment on the selection")
    page.found("#panel textarea").send_keys("Is this right?")
    page.click("#panel form button", "Send")
    page.browser.switch_to.window(other)
    page.click("[role=tab]", "Comments")
    page.found("#panel li", "Is this right?")
    page.click("#panel li button", "Reply")
    page.found("#panel textarea").send_keys("It is.")
    page.click("#panel li button", "Send")
    page.browser.switch_to.window(one)
    page.found("#panel .reply", "It is.")
