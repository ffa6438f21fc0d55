"""Recordings that edges hand in."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePath
from typing import BinaryIO

from trax.audio import Limits, check_file, check_name
from trax.audio import tracks as audio_tracks
from trax.errors import InvalidOption, LimitExceeded, StoreUnavailable
from trax.export.files import fitting
from trax.progress import Progress
from trax.store import RecordingRecord, Sight
from trax.store.objects import file_digest
from trax.work.recordings import OBJECT, UPLOADS
from trax.work.workspace import Workspace

_BLOCK = 1 << 20  # bytes read at once
_JOINED = 2  # grows whenever the same tracks come to give another recording
_LONGEST_NAME = 200  # bytes


def upload(workspace: Workspace, recording: Path | BinaryIO, name: str) -> str:
    """Keep a recording in the object store; return the source to give a job.

    The same bytes under the same name are kept once.

    Args:
        recording: a file, or a stream of its bytes.
        name: what its file was called.

    Raises:
        UnreadableAudio: the recording is empty or cannot be read, or its name is not text.
        LimitExceeded: it is larger than allowed.
        StoreUnavailable: it cannot be kept.
    """
    kept_as = kept_name(name)
    with _as_file(workspace, recording, kept_as) as file:
        check_file(file, workspace.limits)
        key = f"{UPLOADS}{file_digest(file)}/{kept_as}"
        if not any(found.key == key for found in workspace.objects.list(key)):
            workspace.objects.put_file(key, file)
    return OBJECT + key


def kept_name(name: str) -> str:
    """The name under which a recording is kept that was called *name* by whoever sent it.

    Raises:
        UnreadableAudio: it is not text.
    """
    kept_as = _shortened(PurePath(name.replace("\\", "/")).name)
    if kept_as in ("", ".", ".."):
        kept_as = "recording"
    check_name(Path(kept_as))
    return kept_as


def _shortened(name: str) -> str:
    """The end of a name, which has the suffix, that folders and servers can hold."""
    while len(name.encode(errors="replace")) > _LONGEST_NAME:
        name = name[1:]
    return name


@contextmanager
def _as_file(workspace: Workspace, recording: Path | BinaryIO, name: str) -> Iterator[Path]:
    """The recording as a file of this machine, until the block ends."""
    if isinstance(recording, Path):
        yield recording
        return
    with tempfile.TemporaryDirectory(dir=workspace.objects.scratch, prefix="upload-") as folder:
        file = Path(folder) / "recording"
        size_bytes = 0
        with file.open("wb") as written:
            while block := recording.read(_BLOCK):
                size_bytes += len(block)
                if size_bytes > workspace.limits.size_bytes:
                    allowed = workspace.limits.size_bytes
                    raise LimitExceeded(name, f"it has more than the {allowed} bytes allowed")
                written.write(block)
        yield file


def join_tracks(
    tracks: Sequence[Path],
    folder: Path,
    limits: Limits,
    progress: Progress = lambda _share: None,
) -> Path:
    """A recording with a channel for each of *tracks*, made once for the same bytes.

    Args:
        folder: where it is kept.

    Raises:
        InvalidOption: a track is missing, or their number is wrong.
        UnreadableAudio: no audio can be decoded from one.
        StoreUnavailable: the folder cannot be made.
    """
    for track in tracks:
        if not track.is_file():
            raise InvalidOption(f"there is no file {track}")
    digests = "".join(map(file_digest, tracks))
    made_as = f"{_JOINED} {digests}"
    kept = folder / hashlib.sha256(made_as.encode()).hexdigest()[:12]
    stem = fitting("+".join(track.stem for track in tracks), kept, len("-100.part"))
    target = kept / f"{stem}.flac"
    if target.exists():
        return target
    try:
        kept.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"cannot make the folder {kept}: {error.strerror}") from error
    return audio_tracks.join_tracks(tracks, target, limits, progress)


def recording_of(workspace: Workspace, transcript_id: str) -> RecordingRecord:
    """A transcript's recording, as whoever sees the transcript plays it.

    Raises:
        NotFound: there is no such transcript or recording.
    """
    versions = workspace.repository.versions(transcript_id)
    newest, oldest = versions[0], versions[-1]
    account = workspace.folders.account_of(newest.id)
    return replace(
        workspace.recordings.get(newest.recording_sha256),
        name=newest.name,
        created_at=oldest.created_at,
        sight=Sight(account, is_whole=not account),
    )
