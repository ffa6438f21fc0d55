"""Memory of a voice replacement by the length of the recording: ``python -m
benchmarks.revoice_memory MINUTES...``.

Engines are scripted, so that what is measured is what the pipeline itself holds: models take the
same for any length. One person speaks without a pause that would part the places that are replaced.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import measure
from benchmarks.report import Row, write
from trax.pipelines.revoice import revoice
from trax.stages.replacement import Replacement, RevoiceOptions
from trax.store import Database, FolderStore
from trax.testing.talk import ScriptedTalk
from trax.work.workspace import Workspace

_RATE = 44_100
_SENTENCE = 5.0  # seconds
_PAUSE = 0.2  # seconds
_WORDS = "we have a good deal to say about the budget of this year and so we begin"


def main() -> None:
    """Replace a voice in a recording of each length, in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", type=int, nargs="+")
    parser.add_argument("--child", type=Path, default=None, help="folder; for the process itself")
    arguments = parser.parse_args()
    if arguments.child is not None:
        _replace(arguments.child, arguments.minutes[0])
        return
    write("revoice-memory", [_row(minutes) for minutes in arguments.minutes], NOTES)


NOTES = (
    "Engines are scripted; the recording has 44.1 kHz and one channel. The process's own modules "
    "are part of it.",
)


def _row(minutes: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        _talk(minutes).write(Path(folder) / "talk.wav", _RATE)
        command = [sys.executable, "-m", "benchmarks.revoice_memory", str(minutes)]
        cost = measure(
            [*command, "--child", folder],
            {**os.environ, "TRAX_HOME": f"{folder}/home"},
            Path(folder) / "log",
        )
    row: Row = {
        "minutes": minutes,
        "peak MB": round(cost.peak_bytes / 1e6),
        "CPU s": round(cost.cpu_seconds, 1),
    }
    print(row, file=sys.stderr, flush=True)
    return row


def _talk(minutes: int) -> ScriptedTalk:
    times = (1.0 + at * _SENTENCE for at in range(int(60 * minutes / _SENTENCE) - 1))
    script = tuple((start, start + _SENTENCE - _PAUSE, "SPEAKER_00", _WORDS) for start in times)
    return ScriptedTalk(script=script)


def _replace(folder: Path, minutes: int) -> None:
    workspace = Workspace(
        objects=FolderStore(folder / "objects"),
        database=Database(f"sqlite:///{folder / 'trax.db'}"),
        engines=_talk(minutes),
    )
    new = Replacement(speaker="all", voice="high")
    revoice(workspace, folder / "talk.wav", RevoiceOptions(replacements=(new,)))


if __name__ == "__main__":
    main()
