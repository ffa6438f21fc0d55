"""Recordings as their bytes come in."""

import hashlib
import secrets
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from trax.errors import InvalidOption, LimitExceeded, NotFound, UnreadableAudio
from trax.service.beginnings import check_beginning
from trax.service.recordings import kept_name
from trax.store import Upload
from trax.store.tables import utc_now
from trax.work.recordings import OBJECT, UPLOADS
from trax.work.workspace import Workspace

KEPT = timedelta(days=1)
"""How long an upload can be made a job of."""


class Receiving:
    """A recording whose bytes come in, one part after another.

    It is closed in any case; what is not finished leaves nothing.

    Attributes:
        size_bytes: how many have come.

    Args:
        name: what its file is called.

    Raises:
        UnreadableAudio: the name is not text.
    """

    def __init__(self, workspace: Workspace, name: str) -> None:
        self._workspace = workspace
        self._name = kept_name(name)
        self._limit = workspace.limits.size_bytes
        self._folder = tempfile.TemporaryDirectory(dir=workspace.objects.scratch, prefix="upload-")
        self._path = Path(self._folder.name) / "recording"
        self._file = self._path.open("wb")
        self._digest = hashlib.sha256()
        self.size_bytes = 0

    def close(self) -> None:
        """Remove what was received; what is finished is kept elsewhere."""
        self._file.close()
        self._folder.cleanup()

    def write(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            LimitExceeded: they are more than allowed.
            UnreadableAudio: the first show that it is no recording.
        """
        self.expect(self.size_bytes + len(data))
        if not self.size_bytes:
            check_beginning(self._name, data)
        self.size_bytes += len(data)
        self._digest.update(data)
        self._file.write(data)

    def expect(self, size_bytes: int) -> None:
        """Refuse a recording that will have so many bytes before they come.

        Raises:
            LimitExceeded: they are more than allowed.
        """
        if size_bytes > self._limit:
            reason = f"it has more than the {self._limit} bytes allowed"
            raise LimitExceeded(self._name, reason)

    def finish(self, owner: str) -> Upload:
        """Keep the recording; *owner* may make jobs of it for a while.

        Raises:
            UnreadableAudio: it is empty.
            StoreUnavailable: it cannot be kept.
        """
        self._file.close()
        if not self.size_bytes:
            raise UnreadableAudio(self._name, "the file is empty")
        sha256 = self._digest.hexdigest()
        source = store(self._workspace, self._path, sha256, self._name, owner)
        upload = new_upload(owner, self._name, self.size_bytes)
        upload = replace(upload, source=source, sha256=sha256)
        self._workspace.uploads.add(upload)
        return upload


def new_upload(owner: str, name: str, size_bytes: int) -> Upload:
    """An upload of which nothing is there yet."""
    now = utc_now()
    return Upload(
        id=secrets.token_urlsafe(16),
        owner=owner,
        name=name,
        source="",
        sha256="",
        size_bytes=size_bytes,
        created_at=now,
        expires_at=now + KEPT,
    )


def store(workspace: Workspace, file: Path, sha256: str, name: str, owner: str) -> str:
    """Keep the recording in *file*, a temporary one of the store's that nobody writes to any more,
    once for the same bytes and name; gives a job's source.

    It is written again for whoever did not send it before, lest they learn that others did.
    """
    key = f"{UPLOADS}{sha256}/{name}"
    is_theirs = workspace.uploads.was_sent(owner, sha256, name)
    if not is_theirs or not any(found.key == key for found in workspace.objects.list(key)):
        workspace.objects.take_file(key, file, sha256)
    return OBJECT + key


def forget(workspace: Workspace, upload: Upload) -> None:
    """Forget an upload, and its bytes unless a job or another upload has them."""
    key = upload.source.removeprefix(OBJECT)
    workspace.uploads.forget(upload, lambda: workspace.objects.delete(key))


def find(workspace: Workspace, upload_id: str, owner: str) -> Upload:
    """An upload of *owner* that a job can be made of.

    Raises:
        NotFound: they have none of that id, or it has expired.
        InvalidOption: some of its bytes are missing yet.
    """
    upload = workspace.uploads.get(upload_id, owner)
    if not upload.source:
        raise InvalidOption(f"upload {upload_id} is not complete yet")
    if upload.expires_at < utc_now():
        raise NotFound("upload", upload_id, "it has expired: upload the recording again")
    return upload
