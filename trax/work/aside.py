"""Results that could not be stored: kept on this machine until the same is asked for again."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from trax.store.objects import file_digest

_MANIFEST = "aside.json"


class Aside:
    """A place beside the scratch folders for the files that one stage made for one key.

    What is damaged, or could not be written, is as good as never kept: the stage runs again.
    """

    def __init__(self, scratch: Path, stage: str, key: str) -> None:
        self._folder = scratch / f"aside-{stage}-{key}"

    def put(self, files: Mapping[str, Path]) -> None:
        """Move *files* here."""
        self.clear()
        try:
            self._folder.mkdir()
            digests = {name: self._moved(name, file) for name, file in files.items()}
            (self._folder / _MANIFEST).write_text(json.dumps(digests), encoding="utf-8")
        except OSError:
            self.clear()

    def files(self) -> Mapping[str, Path]:
        """What was put here, if all of it is whole; else nothing."""
        try:
            digests = json.loads((self._folder / _MANIFEST).read_text(encoding="utf-8"))
            whole = all(file_digest(self._folder / name) == each for name, each in digests.items())
        except (OSError, ValueError, AttributeError):
            return {}
        return {name: self._folder / name for name in digests} if whole else {}

    def clear(self) -> None:
        """Forget it."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _moved(self, name: str, file: Path) -> str:
        shutil.move(file, self._folder / name)
        return file_digest(self._folder / name)
