"""Object stores: the protocol, and the store in a folder of this machine."""

import errno
import hashlib
import os
import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from trax.errors import DamagedObject, InvalidOption, StoreUnavailable
from trax.servers import RetentionConfig

S3 = "s3://"
"""The scheme of an object's address on an S3 server."""

_TMP = "tmp"
_CHUNK = 1 << 18  # bytes read at once
_MADE_AGAIN = "checkpoints/"  # verified when read, and made again if damaged: no wait for the disk
_AWAY = {  # a disk that lies on a server
    errno.EIO,
    errno.ESTALE,
    errno.ENOTCONN,
    errno.ETIMEDOUT,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
}


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """A small reference to stored bytes; it travels between stages, the bytes do not.

    Attributes:
        sha256: hex digest of the bytes.
    """

    key: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object in a list, with what is known without reading it."""

    key: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """Days after which things are removed; ``None`` keeps them for ever. Transcripts are always
    kept.

    Attributes:
        audio_days: the recordings' decoded audio.
        checkpoint_days: results of stages.
    """

    audio_days: int | None = None
    checkpoint_days: int | None = 30

    @classmethod
    def configured(cls, config: RetentionConfig) -> "RetentionPolicy":
        """The policy that *config* describes."""
        return cls(audio_days=config.keep_audio_days, checkpoint_days=config.keep_checkpoint_days)


KEEP_BY_DEFAULT = RetentionPolicy()
"""What a store follows unless told otherwise."""


class ObjectStore(Protocol):
    """Keeps bytes under readable keys such as ``recordings/<sha>/audio.flac``.

    A key holds a whole object or nothing: a writer that dies leaves no part of one. Reading with a
    reference gives the bytes that were put, or raises DamagedObject.
    """

    @property
    def retention(self) -> RetentionPolicy:
        """How long this store keeps things."""

    def put_file(self, key: str, source: Path) -> ObjectRef:
        """Store a copy of the file *source*, streaming; what was under *key* is replaced."""

    def take_file(self, key: str, source: Path, sha256: str) -> None:
        """Store the file *source*, whose digest is known; what was under *key* is replaced.

        It lies in `scratch`, and nobody writes to it any more: it need not be copied or read again.
        """

    def put_bytes(self, key: str, data: bytes) -> ObjectRef:
        """Store *data*; what was under *key* is replaced."""

    def read(self, key: str) -> bytes | None:
        """The bytes under *key*, unverified; ``None`` if missing."""

    def local_path(self, ref: ObjectRef) -> Path:
        """A file on this machine that holds the object, verified; to be read, never written.

        Raises:
            DamagedObject: missing, or other bytes than *ref* says.
        """

    def link(self, ref: ObjectRef, name: str = "", media_type: str = "") -> str:
        """A link that a browser opens, for a while at least; empty if this store has none.

        Args:
            name: the name under which a browser saves it.
            media_type: as what a browser opens it.
        """

    def place(self, ref: ObjectRef) -> str:
        """Where an object lies, for people: a path, or ``s3://bucket/key``."""

    def fetched(self, uri: str) -> Path:
        """A file on this machine with what lies at ``s3://bucket/key``; to be read, never written.

        Raises:
            InvalidOption: this store reaches no S3 server.
            UnreadableAudio: nothing is there.
        """

    def stat(self, key: str) -> StoredObject | None:
        """What is known of the object under *key* without reading it; ``None`` if missing."""

    def chunks(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes under *key*, unverified, a part at a time.

        Args:
            start: of the first byte.
            length: of all parts together; ``None`` goes on to the end.

        Raises:
            DamagedObject: missing.
        """

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Every object whose key begins with *prefix*, in the order of their keys."""

    def delete(self, key: str) -> None:
        """Remove an object; a missing one is no error."""

    def abandoned(self, before: datetime) -> Iterator[StoredObject]:
        """Uploads that were started *before* a time and never finished."""

    def discard(self, key: str) -> None:
        """Remove an unfinished upload by its key from `abandoned`; a missing one is no error."""

    def prepare(self, policy: RetentionPolicy) -> None:
        """Make the store ready for use; one that can remove objects itself follows *policy*."""

    @property
    def scratch(self) -> Path:
        """A folder for temporary files, on the store's disk if that makes storing them cheap."""


class FolderStore:
    """An object store in a folder: the embedded default."""

    def __init__(self, root: Path, retention: RetentionPolicy = KEEP_BY_DEFAULT) -> None:
        self._root = root
        self.retention = retention

    def put_file(self, key: str, source: Path) -> ObjectRef:
        """Store a copy of the file *source*, streaming; what was under *key* is replaced."""
        with self.replacing(key) as partial:
            shutil.copyfile(source, partial)
            digest, size_bytes = file_digest(partial), partial.stat().st_size
        return ObjectRef(key, digest, size_bytes)

    def take_file(self, key: str, source: Path, _sha256: str) -> None:
        """Store the file *source* itself; its old name stays until the caller removes it."""
        with self.replacing(key) as partial:
            try:
                partial.hardlink_to(source)
            except OSError:  # a disk without links
                shutil.copyfile(source, partial)

    def put_bytes(self, key: str, data: bytes) -> ObjectRef:
        """Store *data*; what was under *key* is replaced."""
        with self.replacing(key) as partial:
            partial.write_bytes(data)
        return ObjectRef(key, hashlib.sha256(data).hexdigest(), len(data))

    def read(self, key: str) -> bytes | None:
        """The bytes under *key*, unverified; ``None`` if missing."""
        try:
            return self.path(key).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        except OSError as error:
            raise disk_error(f"cannot read {key}", error) from error

    def local_path(self, ref: ObjectRef) -> Path:
        """The file itself, verified."""
        path = self.path(ref.key)
        try:
            digest = file_digest(path)
        except FileNotFoundError as error:
            raise DamagedObject(ref.key, "it is missing") from error
        except OSError as error:
            raise disk_error(f"cannot read {ref.key}", error) from error
        if digest != ref.sha256:
            raise DamagedObject(ref.key, "its bytes differ from their digest")
        return path

    def link(self, _ref: ObjectRef, _name: str = "", _media_type: str = "") -> str:
        """None: browsers open no ``file:`` link from a page."""
        return ""

    def place(self, ref: ObjectRef) -> str:
        """The path of the file."""
        return str(self.path(ref.key).resolve())

    def fetched(self, uri: str) -> Path:
        """Raise InvalidOption: a folder reaches no S3 server."""
        raise InvalidOption(f"{uri} cannot be fetched: no S3 server is configured")

    def stat(self, key: str) -> StoredObject | None:
        """What is known of the object under *key*; ``None`` if missing."""
        path = self.path(key)
        return next(_listed(key, path), None) if path.is_file() else None

    def chunks(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes under *key*, unverified, a part at a time."""
        try:
            yield from file_chunks(self.path(key), start, length)
        except FileNotFoundError as error:
            raise DamagedObject(key, "it is missing") from error
        except OSError as error:
            raise disk_error(f"cannot read {key}", error) from error

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Every object whose key begins with *prefix*, in the order of their keys."""
        below = self._root.joinpath(*prefix.split("/")[:-1])
        keys = [(path.relative_to(self._root).as_posix(), path) for path in _files(below)]
        for key, path in sorted(keys):
            if key.startswith(prefix) and not key.startswith(f"{_TMP}/"):
                yield from _listed(key, path)

    def delete(self, key: str) -> None:
        """Remove an object and the folders that it leaves empty, except those at the top."""
        path = self.path(key)
        try:
            path.unlink(missing_ok=True)
            with suppress(OSError):  # not empty
                for folder in path.parents[: max(0, key.count("/") - 1)]:
                    folder.rmdir()
        except OSError as error:
            raise disk_error(f"cannot remove {key}", error) from error

    def abandoned(self, before: datetime) -> Iterator[StoredObject]:
        """Temporary files and folders of stages left by a writer that died."""
        for path in _files(self._root / _TMP):
            for found in _listed(path.relative_to(self._root).as_posix(), path):
                if found.modified_at < before:
                    yield found

    def discard(self, key: str) -> None:
        """Remove a temporary file that a writer left when it died."""
        self.delete(key)

    def prepare(self, policy: RetentionPolicy) -> None:
        """Do nothing: a folder removes nothing itself, and is made when something is put."""

    @property
    def scratch(self) -> Path:
        """A folder for temporary files, inside the store."""
        folder = self._root / _TMP
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @contextmanager
    def replacing(self, key: str) -> Iterator[Path]:
        """A path to write to, which replaces *key* in one step once it is on disk."""
        target = self.path(key)
        try:
            partial = self.scratch / uuid.uuid4().hex
            try:
                yield partial
                if not key.startswith(_MADE_AGAIN):
                    with partial.open("rb+") as file:
                        os.fsync(file.fileno())
                target.parent.mkdir(parents=True, exist_ok=True)
                partial.replace(target)
            finally:
                partial.unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(f"cannot write {key}", error) from error

    def path(self, key: str) -> Path:
        """The path of an object, present or not."""
        check_key(key)
        return self._root.joinpath(*key.split("/"))


def disk_error(what: str, error: OSError) -> StoreUnavailable:
    """The error that says that the system refuses *what*."""
    reason = f"{what}: {error.strerror or error}"
    return StoreUnavailable(reason, "long" if error.errno in _AWAY else "short")


def check_key(key: str) -> None:
    """Refuse keys that some store cannot hold: an empty part, or one that means another folder."""
    if not key or any(part in ("", ".", "..") for part in key.split("/")):
        raise ValueError(f"not a key: {key!r}")


def _files(folder: Path) -> Iterator[Path]:
    return (Path(parent, name) for parent, _, names in os.walk(folder) for name in names)


def _listed(key: str, path: Path) -> Iterator[StoredObject]:
    """One file, unless it has gone meanwhile."""
    with suppress(FileNotFoundError):
        state = path.stat()
        yield StoredObject(key, state.st_size, datetime.fromtimestamp(state.st_mtime, UTC))


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_chunks(path: Path, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """A file's bytes from *start* on, *length* of them or all, a part at a time."""
    left = sys.maxsize if length is None else length
    with path.open("rb") as file:
        file.seek(start)
        while left > 0 and (chunk := file.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk
