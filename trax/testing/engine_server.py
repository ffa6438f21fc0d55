"""A supervised engine process with scripted engines, which break on demand: ``python -m
trax.testing.engine_server``.

What a recording's prompt says decides: ``die`` ends the process as a crash would, ``die once FILE``
only where there is no such file yet, ``slow SECONDS`` takes that long in small steps, ``hang``
stops the process for good.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from trax.asr import Progress, RecognitionOptions
from trax.audio import StoredAudio
from trax.host.server import StageServer, serve
from trax.host.supervisor import Supervisor
from trax.models import Use
from trax.pipelines.transcribe import TRANSCRIBE
from trax.store import Database, FolderStore
from trax.testing.engines import ScriptedEngines
from trax.transcript import Recognition
from trax.work.workspace import Workspace

_STEP = 0.02  # seconds


class BreakingEngines(ScriptedEngines):
    """Engines that do what the prompt says, and hold a model meanwhile."""

    def recognise(
        self, audio: StoredAudio, options: RecognitionOptions, progress: Progress
    ) -> Recognition:
        """The script's text, unless the process ends first."""
        self.manager.get("words", lambda: Use("words", 1), object)
        _obey(options.prompt, progress)
        return super().recognise(audio, options, progress)


def _obey(prompt: str, progress: Progress) -> None:
    order, _, detail = prompt.partition(" ")
    if order == "die":
        marker = Path(detail.removeprefix("once ")) if detail else None
        if marker is None or not marker.exists():
            if marker is not None:
                marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    elif order == "hang":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif order == "slow":
        steps = round(float(detail) / _STEP)
        for step in range(steps):
            time.sleep(_STEP)
            progress(step / steps)


def scripted_workspace(home: Path) -> Workspace:
    """The workspace that an engine process in *home* has, and its callers."""
    return Workspace(
        objects=FolderStore(home / "objects"),
        database=Database(f"sqlite:///{home / 'trax.db'}"),
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
    parser.add_argument("--store", default="test")
    chosen = parser.parse_args()
    if chosen.listener is not None:
        server = StageServer(
            scripted_workspace(chosen.home),
            [TRANSCRIBE],
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

    Supervisor(chosen.home / "engines", [chosen.device], command, chosen.drain).run()


if __name__ == "__main__":
    main()
