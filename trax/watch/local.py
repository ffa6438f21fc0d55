"""A folder of this machine."""

import os
import uuid
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path, PurePosixPath

from trax.audio import SUFFIXES
from trax.errors import InvalidOption, StoreUnavailable
from trax.watch.places import Entry, Outcome, is_recording, is_unfinished, numbered


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
            stem = _free_stem(folder, source.stem)
            for ending, data in files.items():
                partial = folder / f".{uuid.uuid4().hex}"
                partial.write_bytes(data)
                partial.replace(folder / f"{stem}{ending}")
            target = folder / f"{stem}{source.suffix}"
            _move(source, target)
        except OSError as error:
            raise StoreUnavailable(
                f"cannot put {path} away in {folder}: {error.strerror}"
            ) from error
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


def _free_stem(folder: Path, stem: str) -> str:
    """*stem*, numbered if a recording of that name is in *folder*."""
    names = (numbered(stem, number) for number in count(1))
    return next(name for name in names if _is_free(folder, name))


def _is_free(folder: Path, stem: str) -> bool:
    return not any((folder / f"{stem}{suffix}").exists() for suffix in SUFFIXES)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _stamp(path: Path) -> str:
    """Inode, size and time of a file; empty if it is gone or no file."""
    try:
        state = path.lstat()
    except OSError:
        return ""
    return f"{state.st_ino}:{state.st_size}:{state.st_mtime_ns}" if path.is_file() else ""
