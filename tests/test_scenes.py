"""Whether everybody can use every page and each part of a transcript's page."""

from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from trax.pipelines.transcribe import transcribe
from trax.service.recordings import upload
from trax.stages.options import TranscribeOptions
from trax.testing import tone, write_audio
from trax.testing.browser import findings, missing_browser, show_as
from trax.testing.engine_server import scripted_workspace
from trax.testing.engines import ScriptedEngines
from trax.testing.scenes import Stage, prepare, scenes
from trax.testing.servers import WebServer
from trax.testing.visit import Visit
from trax.testing.waiting import wait_until

AXE = Path(__file__).resolve().parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SAID = "hello over there and welcome to the harbour. who are you and why did you come by boat?"
LOOKS = [("light", 1360), ("dark", 360)]

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(bool(missing_browser()), reason=missing_browser() or "there is a browser"),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core comes with `npm ci` in web/"),
]

LABEL = "return document.activeElement.ariaLabel"


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A service with two transcripts of a recording."""
    home = tmp_path_factory.mktemp("scenes")
    workspace = replace(
        scripted_workspace(home), engines=ScriptedEngines(text=SAID, confidence=0.45)
    )
    recording = write_audio(home / "talk.wav", tone(30.0))
    source = upload(workspace, recording, recording.name)
    made = transcribe(workspace, source, TranscribeOptions()).transcript_id
    remade = prepare(workspace, made)
    server = WebServer(home, "--jobs", "1", "--shouts")
    yield Stage(server.url, made, remade, recording)
    server.stop()


TRANSCRIPT = ".cm-line"
PAGES = {"/": "table a", "/settings": "select", "/live": "form button"}
MOST_STEPS = 60

FOCUSED = """
const element = document.activeElement;
const isMarked = (each) => each && getComputedStyle(each).outlineStyle !== "none";
const around = [element, element.closest("label"), element.parentElement];
return element === document.body ? null : [element.outerHTML.slice(0, 120), around.some(isMarked)];
"""


def test_the_focus_is_seen_wherever_keys_lead(chrome, stage):
    """From the first thing on a page to the last."""
    show_as(chrome)
    visit = Visit(chrome)
    for path, landmark in (PAGES | {f"/t/{stage.transcript}": TRANSCRIPT}).items():
        chrome.get(stage.url + path)
        visit.found(landmark)
        unmarked = []
        for _step in range(MOST_STEPS):
            visit.press(Keys.TAB)
            focused = chrome.execute_script(FOCUSED)
            if focused is None:
                break
            if not focused[1]:
                unmarked.append(focused[0])
        assert unmarked == [], path


def test_a_dialog_gives_the_focus_back(chrome, stage):
    """Closed by its key, or taken away by a button."""
    show_as(chrome)
    visit = Visit(chrome)
    chrome.get(f"{stage.url}/t/{stage.transcript}")
    visit.found(TRANSCRIPT)
    for leave in (lambda: visit.press(Keys.ESCAPE), lambda: visit.click("dialog footer button")):
        visit.click("header [aria-label=Tags]")
        visit.found("dialog input")
        leave()
        wait_until(lambda: not visit.shown("dialog"))
        wait_until(lambda: chrome.execute_script(LABEL) == "Tags", 5)


def test_every_scene_is_for_everybody(chrome, stage):
    """No serious finding of axe-core, targets of 24 pixels, nothing wider than a narrow screen; at
    its end nobody comes in without a password.
    """
    show_as(chrome)
    found = {}
    for name in scenes(Visit(chrome), stage):
        for scheme, width in LOOKS:
            show_as(chrome, scheme, width)
            against = findings(chrome, AXE, ["target-size"])
            if chrome.execute_script("return document.documentElement.scrollWidth") > width:
                against.append("it is too wide")
            if against:
                found[name, scheme] = against
        show_as(chrome)
    assert found == {}
