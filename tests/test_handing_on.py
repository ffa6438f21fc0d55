"""Transcripts handed on from the pages: by links to strangers, by folders to people."""

from pathlib import Path

import httpx
import pytest
from people import PASSWORD, USUAL
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from test_editing_together import lines, type_first
from test_interface import Page
from test_media import film

from trax.service import tokens, users
from trax.testing import tone, write_audio
from trax.testing.browser import complaints, findings, missing_browser, show_as
from trax.testing.engine_server import scripted_workspace
from trax.testing.servers import WebServer
from trax.testing.waiting import wait_until

AXE = Path(__file__).resolve().parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"

pytestmark = [
    pytest.mark.server,
    pytest.mark.xdist_group("interface"),
    pytest.mark.skipif(bool(missing_browser()), reason=missing_browser() or "there is a browser"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("handing-on")


@pytest.fixture(scope="module")
def secret(home):
    """A token of anna's; bo is there, too."""
    workspace = scripted_workspace(home)
    account = users.add(workspace.users, "anna", PASSWORD, sorted(USUAL)).id
    users.add(workspace.users, "bo", PASSWORD, sorted(USUAL))
    return tokens.create(workspace.tokens, "t", sorted(USUAL), account=account).secret


@pytest.fixture(scope="module")
def server(home, secret):
    started = WebServer(home, "--jobs", "1")
    yield started
    started.stop()


@pytest.fixture(scope="module")
def anna(server, secret):
    """The service as anna's programs use it."""
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as opened:
        yield opened


@pytest.fixture(scope="module")
def transcript_id(home, anna):
    """Of a recording of anna's that can be played."""
    data = write_audio(home / "talk.wav", tone(8.0)).read_bytes()
    upload = anna.put("/v1/uploads/talk.wav", content=data).json()
    job = anna.post("/v1/jobs?wait=60", json={"upload": upload["id"]}).json()
    return wait_until(lambda: anna.get(f"/v1/jobs/{job['id']}").json()["transcript"])["id"]


@pytest.fixture
def page(chrome, server):
    """What nobody sees who has not signed in."""
    show_as(chrome)
    chrome.get(server.url)
    chrome.delete_all_cookies()
    chrome.execute_script("localStorage.clear(); sessionStorage.clear()")
    complaints(chrome)
    return Page(chrome, server.url)


_COOKIES: dict[tuple[str, str], list[dict[str, str]]] = {}


def sign_in(page: Page, name: str) -> None:
    """As somebody; again by what their browser kept, since ten passwords a minute are enough."""
    page.go("/")
    for cookie in _COOKIES.get((page.url, name), []):
        page.browser.add_cookie(cookie)
    if (page.url, name) in _COOKIES:
        page.go("/")
    else:
        page.fill("Name", name)
        page.fill("Password", PASSWORD)
        page.click("main button", "Sign in")
    page.found("h1", "Library")
    _COOKIES[page.url, name] = page.browser.get_cookies()


def sign_out(page: Page) -> None:
    page.browser.delete_all_cookies()
    page.go("/")
    page.found("h1", "Sign in")


def make_link(page: Page) -> str:
    """Make a link of what is chosen in the dialog, and give its address."""
    page.click("dialog button[type=submit]", "Create a link")
    return page.found("dialog code").text


def follow(page: Page, address: str) -> None:
    page.browser.get("about:blank")
    page.browser.get(address)


def axe(page: Page) -> list[str]:
    found = findings(page.browser, AXE) if AXE.exists() else []
    complaints(page.browser)  # axe-core's own styles are refused
    return found


def test_a_link_shows_a_stranger_the_transcript_until_it_is_revoked(page, anna, transcript_id):
    """Made on the page with a password; read, heard and exported without an account."""
    sign_in(page, "anna")
    page.go(f"/t/{transcript_id}")
    page.click("header button[aria-label='Share']")
    page.fill("Password", PASSWORD)
    address = make_link(page)
    assert axe(page) == []
    sign_out(page)
    follow(page, address)
    page.found("h1", "asks for a password")
    page.found("input[type=password]").send_keys("something else")
    page.click("main button", "Open")
    page.found("[role=alert]", "The password is wrong")
    assert axe(page) == []
    page.found("input[type=password]").clear()
    page.found("input[type=password]").send_keys(PASSWORD)
    page.click("main button", "Open")
    page.found(".cm-line", "hello")
    assert not page.has("main button", "Edit")
    page.click("button[aria-label='Play']")
    wait_until(lambda: page.browser.execute_script("return trax.desk.player.time > 0.2"))
    page.click("[role=tab]", "Export")
    page.found("pre", "hello")
    assert axe(page) == []
    script = "return fetch(document.querySelector('a.download').href).then((a) => a.status)"
    assert page.browser.execute_script(script) == 200
    page.browser.refresh()
    page.found(".cm-line", "hello")
    links = f"/v1/transcripts/{transcript_id}/links"
    anna.delete(f"{links}/{anna.get(links).json()['items'][0]['id']}").raise_for_status()
    page.browser.refresh()
    page.found("h1", "This link shows nothing")


def test_who_may_edit_by_a_link_edits(page, anna, transcript_id):
    """What a stranger renames is renamed for everybody."""
    sign_in(page, "anna")
    page.go(f"/t/{transcript_id}")
    page.click("header button[aria-label='Share']")
    page.click("dialog option", "read and edit")
    address = make_link(page)
    sign_out(page)
    follow(page, address)
    page.click("[role=tab]", "Speakers")
    page.found("#panel input").send_keys("Stranger\n")
    url = f"/v1/transcripts/{transcript_id}"
    wait_until(lambda: anna.get(url).json()["speakers"][0]["name"] == "Stranger")


def test_a_guest_and_who_has_signed_in_write_one_text(page, anna, transcript_id):
    """Each sees at once what the other types and says, until the link is revoked."""
    sign_in(page, "anna")
    page.go(f"/t/{transcript_id}")
    page.click("header button[aria-label='Share']")
    page.click("dialog option", "read and edit")
    address = make_link(page)
    page.browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    one = page.browser.current_window_handle
    page.browser.switch_to.new_window("window")
    other = page.browser.current_window_handle
    page.browser.get(address)
    page.click("[role=tab]", "Comments")
    page.fill("Your name", "Ada\t")
    page.browser.switch_to.window(one)
    page.found(".person[aria-label*='Ada (Guest)']")
    type_first(page, "Signed ")
    page.browser.switch_to.window(other)
    wait_until(lambda: "Signed" in lines(page))
    type_first(page, "Invited ")
    page.click("#panel button", "Comment on the selection")
    page.found("#panel textarea").send_keys("Is this right?")
    assert axe(page) == []
    page.click("#panel form button", "Send")
    page.browser.switch_to.window(one)
    wait_until(lambda: "Invited" in lines(page))
    page.click("[role=tab]", "Comments")
    assert "Ada Guest" in page.found("#panel li", "Is this right?").text
    links = f"/v1/transcripts/{transcript_id}/links"
    anna.delete(f"{links}/{anna.get(links).json()['items'][0]['id']}").raise_for_status()
    page.browser.switch_to.window(other)
    page.found(".told", "no longer change it")
    assert not page.has("main button", "Edit")
    page.browser.close()
    page.browser.switch_to.window(one)


def test_who_may_comment_by_a_link_comments_and_no_more(page, anna, transcript_id):
    """On a passage, too, where there is no text to share."""
    for part in ("Everything", "A passage"):
        sign_in(page, "anna")
        page.go(f"/t/{transcript_id}")
        page.click("header button[aria-label='Share']")
        page.click("dialog label", part)
        if part == "A passage":
            page.fill("From", "0")
            page.fill("To", "0:01")
            assert not page.has("dialog option", "read and edit")
        page.click("dialog option", "read and comment")
        address = make_link(page)
        page.found("dialog td", "commenting")
        sign_out(page)
        follow(page, address)
        page.click("[role=tab]", "Comments")
        page.fill("Your name", "Ada\t")
        page.click("#panel button", "Comment on the selection")
        page.found("#panel textarea").send_keys(f"About {part}")
        page.click("#panel form button", "Send")
        assert "Ada Guest" in page.found("#panel li", f"About {part}").text
        assert not page.has("main button", "Edit")
    said = anna.get(f"/v1/transcripts/{transcript_id}/comments").json()["comments"]
    assert {each["author"]["name"] for each in said if "About" in each["text"]} == {"Ada"}


def test_a_link_to_a_passage_shows_no_more(page, transcript_id):
    """Its times are written in the dialog; there is no sound with it."""
    sign_in(page, "anna")
    page.go(f"/t/{transcript_id}")
    line = page.found(".cm-line", "hello").text
    page.click("header button[aria-label='Share']")
    page.click("dialog label", "A passage")
    page.fill("From", "0:01")
    page.fill("To", "0:00")
    page.click("dialog button[type=submit]", "Create a link")
    page.found("dialog [role=alert]", "Write times such as")
    page.fill("From", "0")
    page.fill("To", "0:01")
    address = make_link(page)
    page.found("dialog th", "0:00 – 0:01")
    sign_out(page)
    follow(page, address)
    assert len(page.found(".cm-line").text) < len(line)
    assert not page.browser.find_elements(By.CSS_SELECTOR, "button[aria-label='Play']")
    assert complaints(page.browser) == []


def test_a_folder_is_shared_with_somebody_who_then_only_reads(page, anna, transcript_id):
    """Chosen on the page by name; nothing there lets a reader change."""
    folder = anna.post("/v1/folders", json={"name": "Field work"}).json()["id"]
    anna.put(f"/v1/transcripts/{transcript_id}/folder", json={"folder": folder}).raise_for_status()
    sign_in(page, "anna")
    page.click("nav button", "Field work")
    page.click("nav button[aria-label='Share']")
    page.fill("User name or group", "bo")
    page.click("dialog button[type=submit]", "Share")
    page.found("dialog th", "bo")
    assert axe(page) == []
    sign_out(page)
    sign_in(page, "bo")
    page.click("table a", "talk.wav")
    page.found(".cm-line", "hello")
    for label in ("Edit", "Review"):
        assert not page.has("main button", label)
    assert not page.browser.find_elements(By.CSS_SELECTOR, "button[aria-label='Share']")


def test_a_note_is_previewed_as_its_template_says(page, home, transcript_id):
    """One's own template as well as the usual one; the choice is there again next time."""
    (home / "templates").mkdir(exist_ok=True)
    (home / "templates" / "minutes.md").write_text("Minutes of {{ recording }}")
    sign_in(page, "anna")
    for wanted, shown in (("note", "trax: "), ("minutes", "Minutes of talk.wav")):
        page.go(f"/t/{transcript_id}")
        page.click("aside [role=tab]", "Export")
        page.click("aside label", "Markdown")
        page.found(f"aside option[value={wanted}]").click()
        page.found("aside pre", shown)
        assert axe(page) == []
    page.go(f"/t/{transcript_id}")
    page.click("aside [role=tab]", "Export")
    page.click("aside label", "Markdown")
    page.found("aside pre", "Minutes of talk.wav")


def test_the_bookmark_brings_a_recording_of_another_page(page):
    """It is shown with its address before anything is fetched; this service fetches nothing."""
    sign_in(page, "anna")
    page.go("/settings")
    assert page.found("a", "Send to Trax").get_attribute("href").startswith("javascript:")
    assert axe(page) == []
    page.go("/?add=https%3A%2F%2Fa.test%2Ftalk.mp3")
    page.found("dialog .address", "https://a.test/talk.mp3")
    page.found("dialog", "fetches no recordings")
    assert axe(page) == []
    page.click("dialog button", "Cancel")
    assert not page.browser.find_elements(By.CSS_SELECTOR, "dialog")


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_a_video_is_shown_or_its_sound_is_heard_and_why_is_told(page, anna, tmp_path, codec):
    """Its picture where browsers have its codec; else a copy of its sound, with a word about it."""
    data = film(tmp_path / "talk.mp4", codec).read_bytes()
    upload = anna.put("/v1/uploads/talk.mp4", content=data).json()
    job = anna.post("/v1/jobs?wait=60", json={"upload": upload["id"]}).json()
    found = wait_until(lambda: anna.get(f"/v1/jobs/{job['id']}").json()["transcript"])
    sign_in(page, "anna")
    page.go(f"/t/{found['id']}")
    is_shown = codec == "libx264"
    if is_shown:
        page.found("section[aria-label=Picture] video")
        page.click("section[aria-label=Picture] button")
        page.found("section[aria-label=Picture] button", "Show the picture")
    else:
        page.found("footer [role=status]", "you hear its sound")
    assert axe(page) == []
    page.click("footer button[aria-label=Play]")
    wait_until(lambda: page.browser.execute_script("return trax.desk.player.time") > 0)
    assert bool(page.browser.find_elements(By.CSS_SELECTOR, "[aria-label=Picture]")) == is_shown
