"""A folder of this machine."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import count
from pathlib import Path, PurePosixPath

from trax.audio import SUFFIXES
from trax.errors import InvalidOption, StoreError, StoreUnavailable
from trax.export.files import fitting, numbered, replacing
from trax.watch.places import Entry, Outcome, is_recording, is_unfinished


class LocalPlace:
    """The folder *root*, with the folders in it."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    @property
    def name(self) -> str:
        """Its path."""
        return str(self._root)

    def entries(self) -> Iterator[Entry]:
        """Recordings and unfinished files; names that are no text are skipped."""
        if not self._root.is_dir():
            raise InvalidOption(f"there is no folder {self._root} to watch")
        for parent, folders, names in os.walk(self._root):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                path = Path(parent, name)
                relative = PurePosixPath(path.relative_to(self._root).as_posix())
                unfinished = is_unfinished(relative)
                if not _is_text(name) or not (unfinished or is_recording(relative)):
                    continue
                stamp = _stamp(path)
                if stamp:
                    yield Entry(str(relative), stamp, False if unfinished else None)

    def uri(self, path: str) -> str:
        """The file's path."""
        return str(self._root / path)

    def read(self, path: PurePosixPath) -> bytes | None:
        """The file at *path*."""
        try:
            return (self._root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise StoreUnavailable(f"cannot read {self._root / path}: {error.strerror}") from error

    def put_away(self, path: str, outcome: Outcome, files: Mapping[str, bytes]) -> str:
        """Move a recording, after the files beside it; each appears whole or not at all."""
        source = self._root / path
        folder = (self._root / outcome / path).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with ExitStack() as together:
                number = _free_number(folder, source.stem, files if outcome == "done" else {})
                stem = fitting(numbered(source.stem, number), folder)
                for ending, data in files.items():
                    partial = together.enter_context(replacing(folder / f"{stem}{ending}"))
                    partial.write_bytes(data)
            target = folder / _name(source, number, folder)
            _move(source, target)
        except (OSError, StoreError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise StoreUnavailable(f"cannot put {path} away in {folder}: {reason}") from error
        return str(target)


def _move(source: Path, target: Path) -> None:
    """Move a file that was not moved before; a symbolic link still points where it did."""
    if not source.is_symlink():
        if source.exists():
            source.rename(target)
        return
    pointed = source.readlink()
    if not pointed.is_absolute():
        pointed = Path(os.path.relpath(source.parent / pointed, target.parent))
    target.symlink_to(pointed)
    source.unlink()


def _free_number(folder: Path, stem: str, files: Mapping[str, bytes]) -> int:
    """The first number with which *stem* is the name of no other recording in *folder*, nor of its
    *files*.
    """
    return next(at for at in count(1) if _is_free(folder, numbered(stem, at), files))


def _is_free(folder: Path, stem: str, files: Mapping[str, bytes]) -> bool:
    if any((folder / f"{fitting(stem, folder, len(end))}{end}").exists() for end in SUFFIXES):
        return False
    short = fitting(stem, folder)
    return all(_is_writable(folder / f"{short}{ending}", data) for ending, data in files.items())


def _is_writable(path: Path, data: bytes) -> bool:
    """Whether *data* may be written to *path*: nothing is there, or the same."""
    return not path.exists() or path.read_bytes() == data


def _name(source: Path, number: int, folder: Path) -> str:
    """What a recording is called in *folder*: as it was, with a *number*."""
    stem = fitting(numbered(source.stem, number), folder, len(source.suffix))
    return stem + source.suffix


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _stamp(path: Path) -> str:
    """Inode, size and time of a file, or of what a link points to; empty if it is gone or none."""
    try:
        state = path.stat()
    except OSError:
        return ""
    return f"{state.st_ino}:{state.st_size}:{state.st_mtime_ns}" if path.is_file() else ""
