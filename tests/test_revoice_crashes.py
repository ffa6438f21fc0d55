"""Voices replaced over `kill -9` and damage: nothing finished twice, nothing damaged used."""

import os
import signal
import subprocess
import sys

import pytest

from trax.pipelines.revoice import REVOICE, report_of, revoice
from trax.progress import reporting
from trax.stages.replacement import Replacement, RevoiceOptions
from trax.testing import Recorder
from trax.testing.talk import SCRIPT, ScriptedTalk

OPTIONS = RevoiceOptions(replacements=(Replacement(speaker="Speaker 2", voice="high"),))
SOME = ("synthesise", "check", "reconstruct")
"""Stages of every run in which a process dies; the others are soaks."""

PROGRAM = """
import os, signal, sys
from pathlib import Path
from trax.pipelines.revoice import revoice
from trax.stages.replacement import Replacement, RevoiceOptions
from trax.store import Database, FolderStore
from trax.testing.talk import SCRIPT, ScriptedTalk
from trax.work.workspace import Workspace
folder, stage, writes = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
put_bytes, left = FolderStore.put_bytes, [writes]
def dies(self, key, data):
    if key.startswith(f"checkpoints/{stage}/"):
        left[0] -= 1
        if left[0] < 0: os.kill(os.getpid(), signal.SIGKILL)
    return put_bytes(self, key, data)
FolderStore.put_bytes = dies
talk = ScriptedTalk(script=SCRIPT)
log = (folder / "log").open("a")
say = talk.voices.say
def says(text, *rest):
    print(text, rest, file=log, flush=True)
    return say(text, *rest)
talk.voices.say = says
workspace = Workspace(objects=FolderStore(folder / "objects"),
    database=Database(f"sqlite:///{folder / 'trax.db'}"), engines=talk)
new = Replacement(speaker="Speaker 2", voice="high")
result = revoice(workspace, folder / "talk.wav", RevoiceOptions(replacements=(new,)))
print(result.audio.sha256, *(run.stage for run in result.runs if run.cached))
"""


def run(folder, stage: str, writes: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), stage, str(writes)],
        env={**os.environ, "TRAX_HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def engines():
    return ScriptedTalk(script=SCRIPT)


@pytest.fixture
def recording(tmp_path, engines):
    return engines.write(tmp_path / "talk.wav", 16_000)


@pytest.fixture
def unbroken(workspace, recording) -> str:
    """The digest of what comes of a run that nothing disturbs."""
    return revoice(workspace, recording, OPTIONS).audio.sha256


@pytest.mark.slow
@pytest.mark.parametrize(
    "stage",
    [pytest.param(each, marks=[] if each in SOME else pytest.mark.soak) for each in REVOICE.names],
)
def test_kill_9_costs_what_was_being_done(stage, unbroken, recording, tmp_path):
    """The next run repeats no finished stage and no finished utterance, and its result is that of
    an unbroken run. In stages with pieces, the process dies at the second of them.
    """
    killed = run(tmp_path, stage, 1 if stage in ("synthesise", "check") else 0)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    finished = {path.parent.name for path in tmp_path.glob("objects/checkpoints/*/*.json")}
    done = run(tmp_path, "", 0)
    assert done.returncode == 0, done.stderr
    digest, *cached = done.stdout.split()
    assert digest == unbroken
    assert set(cached) == finished - {stage}
    said = (tmp_path / "log").read_text().splitlines()
    again = {line.partition(" (")[0] for line in said if said.count(line) > 1}
    assert len(again) <= (1 if stage == "synthesise" else 0)


@pytest.mark.slow
def test_damage_is_made_good_reported_and_never_used(workspace, recording, engines):
    """A flipped byte in every object that a job keeps: manifests, outputs, takes, what was
    understood of them.
    """
    first = revoice(workspace, recording, OPTIONS)
    before = report_of(workspace, first)
    store = workspace.objects
    whole = {
        found.key: store.read(found.key)
        for found in store.list()
        if found.key.startswith("checkpoints/")
    }
    assert {key.split("/")[1] for key in whole} == set(REVOICE.names)
    for key, data in whole.items():
        middle = len(data) // 2
        store.path(key).write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
        said = len(engines.voices.said)
        notes = Recorder()
        with reporting(notes):
            again = revoice(workspace, recording, OPTIONS)
        assert again.audio == first.audio, key
        assert report_of(workspace, again) == before, key
        assert len({text for text, _, _ in engines.voices.said[said:]}) <= 1, key
        assert notes.notes or all(run.cached for run in again.runs), key
        store.path(key).write_bytes(data)  # what was not read was not made good, either
