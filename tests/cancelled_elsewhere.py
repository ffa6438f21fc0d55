"""Transcribes with an engine that never ends, and says how it was stopped: FOLDER RECORDING."""

import json
import sys
import time
from pathlib import Path

from trax.errors import TraxError
from trax.pipelines.transcribe import transcribe
from trax.stages.options import TranscribeOptions
from trax.store import Database, FolderStore
from trax.testing import ScriptedEngines
from trax.work import hold
from trax.work.workspace import Workspace


class EndlessEngines(ScriptedEngines):
    """Recognition that goes on until it is stopped."""

    def recognise(self, audio, options, progress):
        while True:
            time.sleep(0.01)
            progress(0.5)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    hold.HEARTBEAT = 0.05
    workspace = Workspace(
        objects=FolderStore(folder / "store"),
        database=Database(f"sqlite:///{folder / 'trax.db'}"),
        engines=EndlessEngines(),
    )
    try:
        transcribe(workspace, Path(sys.argv[2]), TranscribeOptions(formats=("txt",)))
    except TraxError as error:
        sys.stdout.write(json.dumps(type(error).__name__))
