"""Copies of recordings for browsers, made from whatever is kept of their sound."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from trax.audio import StoredAudio, probe
from trax.audio.streams import decode_recording
from trax.errors import NotFound
from trax.progress import Progress
from trax.service.originals import find_original
from trax.store.recordings import RecordingRecord
from trax.work.recordings import recording_file
from trax.work.workspace import Workspace

Write = Callable[[StoredAudio, Path, Progress], None]
"""Writes a file made of a recording's sound, and tells of the share done."""

_DECODED = "audio.flac"
_DECODING = 0.7  # of the time that decoding and writing take


def make_copy(
    workspace: Workspace, recording: RecordingRecord, key: str, write: Write, progress: Progress
) -> None:
    """Keep under *key* what *write* makes of a recording's sound.

    That is the sound as it was recognised, so that its times are those of the words; where it is no
    longer kept, the recording is decoded again.

    Raises:
        NotFound: neither is kept.
        UnreadableAudio: no audio can be decoded from what is kept.
    """
    with tempfile.TemporaryDirectory(dir=workspace.objects.scratch, prefix="copy-") as folder:
        audio = Path(folder) / "audio.flac"
        share_before = _fetch(workspace, recording, audio, progress)
        target = Path(folder) / Path(key).name

        def written(share: float) -> None:
            progress(share_before + (1 - share_before) * share)

        write(StoredAudio.open(audio), target, written)
        workspace.objects.put_file(key, target)


def gone(recording: RecordingRecord) -> NotFound:
    """The error that nothing of a recording's sound is kept."""
    return NotFound("audio", recording.name, "it is no longer kept: transcribe the recording again")


def _fetch(
    workspace: Workspace, recording: RecordingRecord, target: Path, progress: Progress
) -> float:
    """Put a recording's decoded sound in *target*; gives the share of the work that this was."""
    kept = kept_sound(workspace, recording)
    if kept is not None:
        with target.open("wb") as file:
            for chunk in workspace.objects.chunks(kept):
                file.write(chunk)
        return 0.0
    with _recording(workspace, recording) as source:
        found = probe(source, workspace.limits)
        decode_recording(
            source,
            found,
            workspace.limits,
            target,
            progress=lambda share: progress(_DECODING * share),
        )
    return _DECODING


def kept_sound(workspace: Workspace, recording: RecordingRecord) -> str | None:
    """The key of a recording's sound as it was recognised, with every stream if there are some."""
    keys = (each.key for each in workspace.objects.list(f"recordings/{recording.sha256}/"))
    return min((key for key in keys if key.endswith(_DECODED)), key=len, default=None)


@contextmanager
def _recording(workspace: Workspace, recording: RecordingRecord) -> Iterator[Path]:
    """The recording as a file of this machine."""
    original = find_original(workspace, recording)
    if original is None:
        raise gone(recording)
    with recording_file(workspace, original.source) as source:
        yield source
