"""Recordings that come in over several requests: whoever was cut off goes on where it was.

How much has come is the size of the file, so that there is nothing that could disagree with it.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from trax.errors import (
    LimitExceeded,
    NotFound,
    UnreadableAudio,
    UploadBusy,
    WrongChecksum,
    WrongOffset,
)
from trax.service.beginnings import check_beginning
from trax.service.recordings import kept_name
from trax.service.uploads import forget, new_upload, store
from trax.store import Upload
from trax.store.objects import file_digest
from trax.store.tables import utc_now
from trax.work.workspace import Workspace

CHECKSUMS: dict[str, Callable[[], Any]] = {
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
    "md5": hashlib.md5,
}
"""How one request's bytes may be checked."""


def begin(workspace: Workspace, owner: str, size_bytes: int, name: str) -> Upload:
    """Make room for a recording.

    Raises:
        LimitExceeded: it is larger than allowed.
        UnreadableAudio: it is empty, or its name is not text.
    """
    kept_as = kept_name(name)
    if size_bytes > workspace.limits.size_bytes:
        allowed = workspace.limits.size_bytes
        raise LimitExceeded(kept_as, f"it has more than the {allowed} bytes allowed")
    if not size_bytes:
        raise UnreadableAudio(kept_as, "the file is empty")
    upload = new_upload(owner, kept_as, size_bytes)
    _path(workspace, upload).touch()
    workspace.uploads.add(upload)
    return upload


def find_resumable(workspace: Workspace, upload_id: str, owner: str) -> Upload:
    """An upload of *owner*, complete or not.

    Raises:
        NotFound: they have none of that id, it has expired, or its bytes are gone.
    """
    upload = workspace.uploads.get(upload_id, owner)
    is_there = bool(upload.source) or _path(workspace, upload).exists()
    if upload.expires_at < utc_now() or not is_there:
        raise NotFound("upload", upload_id, "it has expired: upload the recording again")
    return upload


def offset(workspace: Workspace, upload: Upload) -> int:
    """How many bytes have come."""
    if upload.source:
        return upload.size_bytes
    return _path(workspace, upload).stat().st_size


def remove(workspace: Workspace, upload: Upload) -> None:
    """Forget an upload and its bytes; jobs that were made of it stay, and keep them."""
    forget(workspace, upload)
    _path(workspace, upload).unlink(missing_ok=True)


def remove_expired(workspace: Workspace) -> None:
    """Forget uploads that have expired."""
    for upload in workspace.uploads.expired(utc_now()):
        remove(workspace, upload)


class Appending:
    """The bytes of one request. It is closed in any case, and keeps what has come.

    Args:
        at: where they begin.
        checksum: name and expected digest of them; ``None`` if nobody said.

    Raises:
        UploadBusy: another request sends some.
        WrongOffset: others have come, or less.
    """

    def __init__(
        self, workspace: Workspace, upload: Upload, at: int, checksum: tuple[str, bytes] | None
    ) -> None:
        self._workspace = workspace
        self._upload = upload
        self._at = at
        self._checksum = checksum
        self._digest = CHECKSUMS[checksum[0]]() if checksum else None
        self._file = _opened(_path(workspace, upload))
        self._is_checked = checksum is None
        try:
            self._take(at)
        except BaseException:
            self._file.close()
            raise

    @property
    def offset(self) -> int:
        """How many bytes of the recording have come."""
        return self._file.tell()

    def write(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            LimitExceeded: they are more than the recording was said to have.
            UnreadableAudio: the first show that it is no recording.
        """
        if self.offset + len(data) > self._upload.size_bytes:
            said = self._upload.size_bytes
            raise LimitExceeded(self._upload.name, f"it was said to have {said} bytes")
        if not self.offset:
            check_beginning(self._upload.name, data)
        self._file.write(data)
        if self._digest is not None:
            self._digest.update(data)

    def finish(self) -> int:
        """Check the bytes; keep the recording if all are there. Gives how many have come.

        Raises:
            WrongChecksum: they differ from those that were sent.
            StoreUnavailable: the recording cannot be kept.
        """
        if self._checksum is not None and self._digest is not None:
            if self._digest.digest() != self._checksum[1]:
                raise WrongChecksum("the bytes differ from their checksum: send them again")
            self._is_checked = True
        come = self.offset
        if come == self._upload.size_bytes:
            self._keep()
        return come

    def close(self) -> None:
        """Let go; bytes that could not be checked are forgotten."""
        with suppress(ValueError):  # closed
            if not self._is_checked:
                self._file.truncate(self._at)
            self._file.close()

    def _take(self, at: int) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UploadBusy("another request sends bytes of this upload") from error
        self._file.seek(0, os.SEEK_END)  # not before nobody else can write
        if self.offset != at:
            raise WrongOffset(f"{self.offset} bytes have come, not {at}")

    def _keep(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        path = _path(self._workspace, self._upload)
        sha256 = file_digest(path)
        source = store(self._workspace, path, sha256, self._upload.name, self._upload.owner)
        self._workspace.uploads.complete(self._upload.id, source, sha256)
        path.unlink()


def _opened(path: Path) -> BinaryIO:
    """The file of an upload; it is never made anew."""
    try:
        return path.open("r+b")
    except FileNotFoundError as error:
        raise WrongOffset("all bytes have come already") from error


def _path(workspace: Workspace, upload: Upload) -> Path:
    return workspace.objects.scratch / f"resumable-{upload.id}"
