"""The name of a recording's files in a folder that may hold those of another recording."""

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path

from trax.errors import SchemaMismatch, StoreError
from trax.export.files import fitting, numbered, replacing
from trax.progress import note
from trax.store import Database
from trax.store.audit import add_entry, entries_of
from trax.store.objects import file_digest

WRITTEN = "export.written"
"""The action of the audit log by which files are known to be a recording's."""

_writing = threading.Lock()


class Placing:
    """Writes a recording's files to *folder*, named *stem* if no other recording's have that name.

    A file is this recording's if the audit log says so, or the transcript in JSON beside it; one of
    which neither says anything, if it would not change. All files appear together, whole, or none
    does.

    Args:
        recording: SHA-256 of the recording.
    """

    def __init__(self, database: Database, folder: Path, stem: str, recording: str) -> None:
        self._database = database
        self._folder = folder
        self._stem = stem
        self._recording = recording

    def write(
        self, digests: Mapping[str, str], write: Callable[[str, Path], object]
    ) -> dict[str, Path]:
        """Write a file for each format in *digests*, and return the files.

        Args:
            digests: SHA-256 of each file.
            write: writes the file of a format to a path.

        Raises:
            StoreError: a file cannot be written.
        """
        with _writing:
            stem = self._free_stem(digests)
            files = {name: self._folder / f"{stem}.{name}" for name in digests}
            with ExitStack() as together:
                for name, target in files.items():
                    write(name, together.enter_context(replacing(target)))
            self._remember(stem, list(digests))
        wanted = fitting(self._stem, self._folder)
        if stem != wanted:
            note(f"{wanted} is the name of another recording's files: these are called {stem}")
        return files

    def _free_stem(self, digests: Mapping[str, str]) -> str:
        names = (fitting(numbered(self._stem, number), self._folder) for number in count(1))
        return next(stem for stem in names if self._is_free(stem, digests))

    def _is_free(self, stem: str, digests: Mapping[str, str]) -> bool:
        taken = [name for name in digests if (self._folder / f"{stem}.{name}").exists()]
        if not taken:
            return True
        owners = self._owners(stem)
        written = _recording_of(self._folder / f"{stem}.json")
        for name in taken:
            owner = owners.get(name, written)
            mine = owner == self._recording
            if not mine and (owner or not self._is_same(stem, name, digests[name])):
                return False
        return True

    def _is_same(self, stem: str, name: str, digest: str) -> bool:
        try:
            return file_digest(self._folder / f"{stem}.{name}") == digest
        except OSError:
            return False

    def _owners(self, stem: str) -> dict[str, str]:
        """The recording of each file named *stem* that was written before, by format."""
        owners: dict[str, str] = {}
        with suppress(StoreError, SchemaMismatch), self._database.reading() as session:
            for entry in entries_of(session, WRITTEN, self._subject(stem)):
                for name in _strings(entry.details.get("formats")):
                    owners[name] = str(entry.details.get("recording"))
        return owners

    def _remember(self, stem: str, formats: list[str]) -> None:
        """Keep whose files these are; they are written, so a database that is away is no error."""
        details = {"recording": self._recording, "formats": formats}
        with suppress(StoreError, SchemaMismatch), self._database.writing() as session:
            add_entry(session, WRITTEN, self._subject(stem), **details)

    def _subject(self, stem: str) -> str:
        """The files' path without their suffixes, as text whatever bytes it is made of."""
        path = str(self._folder.resolve() / stem)
        return path.encode(errors="backslashreplace").decode()


def _recording_of(path: Path) -> str | None:
    """SHA-256 of the recording that the transcript in the JSON file *path* is of."""
    try:
        return str(json.loads(path.read_bytes())["recording"]["sha256"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _strings(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
