"""Every page and each part of a transcript's page, brought about one after another in a browser.

Tests look whether everybody can use them; the documentation has their pictures. Nothing is found
by what it is called, so they can be shown in any language.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from trax.revision import Rename, Replace, Wish
from trax.service.access import ANYBODY
from trax.service.again import carry_over
from trax.service.revisions import Edits, edit
from trax.store.revisions import Author
from trax.testing.visit import Visit
from trax.work.workspace import Workspace

PASSWORD = "correct horse battery"
_SETTLED = 0.5  # seconds until nothing moves

_SELECT = """
const {view} = trax.desk;
const line = view.state.doc.line(1);
view.dispatch({selection: {anchor: line.from, head: line.from + arguments[0]}});
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where scenes are shown.

    Attributes:
        transcript: has decisions of people.
        remade: is of the same recording; one of the decisions did not fit.
        recording: a file that can be added.
    """

    url: str
    transcript: str
    remade: str
    recording: Path


def prepare(workspace: Workspace, transcript_id: str) -> str:
    """Decide on words of a transcript, make it anew so that one decision does not fit, and give the
    id of the one made anew.
    """
    old = workspace.repository.get(transcript_id)
    first, *others = old.segments
    word = first.words[1]
    read = replace(word, text=f"{word.text}ly", id="other", start=word.start + 0.01)
    words = (first.words[0], read, *first.words[2:])
    again = replace(old, id=f"{old.id[:-2]}zz", segments=(replace(first, words=words), *others))
    workspace.repository.save(again)
    edits = Edits(revisions=workspace.revisions, author=Author(ANYBODY.id, ANYBODY.name))
    wishes: list[Wish] = [
        Rename(speaker=old.speakers[0].label, name="Anna"),
        Replace(word=first.words[0].id, text=first.words[0].text.upper()),
        Replace(word=word.id, text="mended"),
    ]
    edit(edits, old.id, wishes)
    carry_over(workspace, edits, again.id, old.id)
    return again.id


def scenes(visit: Visit, stage: Stage) -> Iterator[str]:
    """Bring about one scene after another, and give the name of each while it is shown.

    The last ones add a user, so that everybody has to sign in from then on.
    """
    player = _Player(visit, stage)
    for act in (player.library, player.transcript, player.panel, player.others, player.settings):
        for name in act():
            time.sleep(_SETTLED)
            yield name


class _Player:
    """Who brings scenes about."""

    def __init__(self, visit: Visit, stage: Stage) -> None:
        self._visit, self._stage = visit, stage
        self._link = ""

    def library(self) -> Iterator[str]:
        visit = self._visit
        self._go("/", "table a")
        yield "library-list"
        field = visit.browser.find_element(By.CSS_SELECTOR, "input[type=file]")
        field.send_keys(str(self._stage.recording))
        visit.click("dialog summary")
        yield "options"
        self._leave()
        visit.click(".buttons button:first-child")
        visit.found("dialog [role=timer]")
        yield "recorder"
        self._leave()
        visit.found("table a")
        visit.click("td .ways button")
        visit.found("dialog input").send_keys("Harbour\n")
        visit.found("dialog li button")
        yield "tags"
        self._leave()

    def transcript(self) -> Iterator[str]:
        visit = self._visit
        self._open()
        yield "reading"
        visit.press("n")
        visit.press("t")
        visit.found("#panel form input")
        yield "review"
        self._open()
        visit.click("header .modes button:last-child")
        visit.press(Keys.ARROW_RIGHT)
        yield "editor"
        self._open()
        visit.press("/")
        visit.found(".middle input").send_keys("a")
        yield "find"
        self._open()
        visit.browser.execute_script(_SELECT, 12)
        visit.found("[role=toolbar]")
        yield "selection"
        self._open()
        visit.click(".cm-content .name")
        visit.found("[role=menu]")
        yield "speaker-menu"
        self._open()
        visit.press("?")
        visit.found("dialog kbd")
        yield "keys"
        self._leave()

    def panel(self) -> Iterator[str]:
        visit = self._visit
        self._remark()
        for name in ("speakers", "notes", "comments", "teach", "export"):
            self._open()
            visit.click(f"#tab-{name}")
            yield name
        self._open()
        visit.click("#tab-history")
        visit.found("#panel ol li")
        visit.browser.execute_script(_SELECT, 12)
        visit.click("#panel .asking button")
        visit.found("#panel .blamed")
        visit.click("#panel ol [aria-expanded]")
        visit.found("#panel .differences")
        yield "history"
        self._open(self._stage.remade)
        visit.click("#tab-history")
        visit.found("#panel ol li")
        yield "conflicts"

    def others(self) -> Iterator[str]:
        visit = self._visit
        self._open()
        visit.click("header .tools button:has(+ a.tool)")
        visit.click("dialog button[type=submit]")
        self._link = visit.found("dialog code").text
        yield "share"
        self._leave()
        self._go(f"/t/{self._stage.transcript}/revoice", "li label")
        visit.browser.execute_script("document.querySelector('li label input').click()")
        yield "revoice"
        self._go("/live", "form button")
        yield "live"

    def settings(self) -> Iterator[str]:
        visit = self._visit
        self._go("/settings", "select")
        yield "settings"
        self._go("/settings/voices", ".card li")
        yield "voices"
        self._go("/settings/nowhere", "main a")
        yield "nowhere"
        self._closed()
        self._go("/", "input[type=password]")
        yield "sign-in"
        visit.browser.get("about:blank")
        visit.browser.get(self._link)
        visit.found(".cm-line")
        yield "shared"
        self._sign_in()
        self._go("/settings/users", "tbody tr")
        yield "people"
        visit.click(".content .primary, main .primary")
        visit.found("dialog input")
        yield "new-user"
        self._leave()
        self._go("/settings/tokens", "main .primary")
        visit.click("main .primary")
        visit.found("dialog input").send_keys("newsroom\n")
        visit.found("dialog code")
        yield "new-token"
        self._leave()
        yield "tokens"

    def _go(self, path: str, landmark: str) -> None:
        self._visit.browser.get(self._stage.url + path)
        self._visit.found(landmark)

    def _open(self, transcript: str = "") -> None:
        """A transcript's page, anew."""
        self._visit.browser.get("about:blank")
        self._go(f"/t/{transcript or self._stage.transcript}", ".cm-line")

    def _leave(self) -> None:
        """Close the dialog."""
        self._visit.click("dialog header button")

    def _remark(self) -> None:
        """Say something about the first words, and something else about the next."""
        url = f"{self._stage.url}/v1/transcripts/{self._stage.transcript}"
        words = httpx.get(url, timeout=60).json()["segments"][0]["words"]
        for kind, at, text in (
            ("comments", 2, "@anna, is this what the notes say?"),
            ("suggestions", 4, "elsewhere"),
        ):
            word = words[at]
            said = {"first": word["id"], "last": word["id"], "quote": word["text"], "text": text}
            httpx.post(f"{url}/{kind}", json=said, timeout=60).raise_for_status()

    def _closed(self) -> None:
        """Add a user: whoever comes has to sign in."""
        user = {"name": "anna", "full_name": "Anna Lind", "scopes": ["admin"], "password": PASSWORD}
        httpx.post(f"{self._stage.url}/v1/users", json=user, timeout=60).raise_for_status()

    def _sign_in(self) -> None:
        visit = self._visit
        self._go("/", "input[type=password]")
        visit.found("main form input").send_keys("anna")
        visit.found("input[type=password]").send_keys(f"{PASSWORD}\n")
        visit.found("input[type=search]")
