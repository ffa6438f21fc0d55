"""The flow that replaces voices, on a real Prefect server with scripted engines."""

import asyncio
import json
from importlib import import_module
from pathlib import Path

import pytest
from prefect.artifacts import Artifact

from trax.pipelines.revoice import REVOICE, report_of
from trax.stages.replacement import Replacement, RevoiceOptions
from trax.testing.talk import SCRIPT, ScriptedTalk

ROOT = Path(__file__).resolve().parents[1]

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]


@pytest.fixture
def engines():
    return ScriptedTalk(script=SCRIPT)


@pytest.fixture
def recording(tmp_path, engines):
    return engines.write(tmp_path / "talk.wav", 44_100)


@pytest.fixture
def flow(home, workspace, monkeypatch):
    """The flow, with the test's workspace in every task."""
    monkeypatch.syspath_prepend(str(ROOT))
    from flows.revoice import revoice

    for name in ("stages", "revoice", "job"):
        monkeypatch.setattr(import_module(f"tasks.{name}"), "process_workspace", lambda: workspace)
    return revoice


def artifact(key: str) -> Artifact:
    found = asyncio.run(Artifact.aget(key))
    assert found is not None, key
    return found


def test_a_run_leaves_utterances_picture_and_both_recordings(flow, workspace, recording):
    """Under keys that stay the same for a recording; the result is that of plain Python."""
    options = RevoiceOptions(replacements=(Replacement(speaker="Speaker 2", voice="high"),))
    result = asyncio.run(flow(str(recording), options))
    assert [run.stage for run in result.runs] == list(REVOICE.names)
    report = report_of(workspace, result)
    key = report.recording[:8]
    rows = json.loads(artifact(f"revoiced-{key}").data)
    assert [row["text"] for row in rows] == [
        *(row.text for row in report.utterances),
        *(each.text for each in report.left),
    ]
    assert "image/svg+xml" in artifact(f"places-{key}").data
    assert "audio.wav" in artifact(f"after-{key}").data
    assert artifact(f"before-{key}").data


def test_links_to_recordings_open_as_sound(flow, workspace, recording, monkeypatch):
    """So that a browser plays before and after, instead of saving them."""
    monkeypatch.setattr(
        type(workspace.objects), "link", lambda _self, _ref, name, kind: f"http://s3/{name}?{kind}"
    )
    options = RevoiceOptions(replacements=(Replacement(speaker="Speaker 2", voice="low"),))
    key = report_of(workspace, asyncio.run(flow(str(recording), options))).recording[:8]
    assert "http://s3/audio.flac?audio/flac" in artifact(f"before-{key}").data
    assert "http://s3/audio.wav?audio/wav" in artifact(f"after-{key}").data


def test_options_that_make_no_sense_end_the_run_in_a_sentence(flow, recording):
    """As those of a transcription do."""
    state = asyncio.run(flow(str(recording), {"replacements": []}, return_state=True))
    assert state.is_failed()
    assert "whose words are said again" in state.message
