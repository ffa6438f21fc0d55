"""A supervised engine process with scripted engines, which break on demand: ``python -m
trax.testing.engine_server``.

What a recording's prompt says decides, one order or several joined by ``and``:

- ``die`` ends the process as a crash would, ``killed`` as somebody else would, ``hang`` stops it
  for good; with ``once FILE`` or ``twice FILE`` only so often, counted in that file;
- ``slow SECONDS`` takes that long in small steps, ``busy SECONDS`` about that long without a word;
- ``defect TEXT`` raises an error that nobody foresaw and that says the text, ``refuse TEXT`` one
  that was foreseen;
- ``heard TEXT`` tells that text as what the first second says.
"""

import argparse
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from trax.asr import Progress, RecognitionOptions
from trax.audio import Audio
from trax.errors import UnreadableAudio
from trax.host.server import StageServer, serve
from trax.host.supervisor import Supervisor
from trax.models import Use
from trax.pipelines.all import PIPELINES
from trax.progress import Heard, report
from trax.store import Database, FolderStore
from trax.testing.engines import ScriptedEngines
from trax.transcript import Recognition
from trax.work.workspace import Workspace

_AND = " and "  # between orders
_STEP = 0.02  # seconds
_ADDED_A_SECOND = 40_000_000  # numbers that Python adds up in a second, about
_TIMES = {"once": 1, "twice": 2}
_ENDS = {"die": signal.SIGABRT, "killed": signal.SIGKILL, "hang": signal.SIGSTOP}


class BreakingEngines(ScriptedEngines):
    """Engines that do what the prompt says, and hold a model meanwhile.

    Attributes:
        obeys: whether they do.
    """

    obeys = True

    def recognise(
        self, audio: Audio, options: RecognitionOptions, progress: Progress
    ) -> Recognition:
        """The script's text, unless the process ends first."""
        self.manager.get("words", lambda: Use("words", 1), object)
        for order in options.prompt.split(_AND) if self.obeys else ():
            _obey(order, progress)
        return super().recognise(audio, options, progress)


def _obey(prompt: str, progress: Progress) -> None:
    order, _, detail = prompt.partition(" ")
    if order in _ENDS and _is_due(detail):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.kill(os.getpid(), _ENDS[order])
        time.sleep(_STEP)  # until the signal arrives
    elif order == "slow":
        steps = round(float(detail) / _STEP)
        for step in range(steps):
            time.sleep(_STEP)
            progress(step / steps)
    elif order == "defect":
        raise ValueError(detail)
    elif order == "refuse":
        raise UnreadableAudio(detail, detail)
    elif order == "heard":
        report(Heard(0.0, 1.0, detail))
    elif order == "busy":
        sum(
            range(round(float(detail) * _ADDED_A_SECOND))
        )  # one step for Python: nobody else's turn


def _is_due(detail: str) -> bool:
    """Whether an end is to come, and counts it."""
    if not detail:
        return True
    often, _, file = detail.partition(" ")
    counted = Path(file)
    ends = len(counted.read_text()) if counted.exists() else 0
    if ends >= _TIMES[often]:
        return False
    counted.write_text("." * (ends + 1))
    return True


def scripted_workspace(home: Path, database: str = "") -> Workspace:
    """The workspace that an engine process in *home* has, and its callers.

    Args:
        database: its URL; a file in *home* if empty.
    """
    return Workspace(
        objects=FolderStore(home / "objects"),
        database=Database(database or f"sqlite:///{home / 'trax.db'}"),
        engines=BreakingEngines(),
    )


def main() -> None:
    """Supervise, or with ``--listener`` be the process itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--listener", type=int)
    parser.add_argument("--seats", type=int, default=2)
    parser.add_argument("--longest", type=int, default=64)
    parser.add_argument("--idle", type=float, default=600.0)
    parser.add_argument("--drain", type=float, default=60.0)
    parser.add_argument("--hung", type=float, default=60.0)
    parser.add_argument("--store", default="test")
    chosen = parser.parse_args()
    if chosen.listener is not None:
        server = StageServer(
            scripted_workspace(chosen.home),
            list(PIPELINES.values()),
            chosen.device,
            chosen.store,
            seats=chosen.seats,
            max_waiting=chosen.longest,
            idle=chosen.idle,
        )
        serve(server, chosen.listener, chosen.drain)
        return

    def command(device: str, listener: int) -> Sequence[str]:
        module = [sys.executable, "-m", "trax.testing.engine_server", *sys.argv[1:]]
        return [*module, "--device", device, "--listener", str(listener)]

    supervisor = Supervisor(
        chosen.home / "engines", [chosen.device], command, chosen.drain, chosen.hung
    )
    supervisor.run()


if __name__ == "__main__":
    main()
