"""A live session's end: its recording, read once more, and what people decided meanwhile."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

from trax.errors import StoreUnavailable
from trax.live.captions import Captions
from trax.live.intake import telephone_decoder
from trax.live.keeping import Kept
from trax.live.options import LiveOptions, SoundFormat
from trax.live.outcome import Outcome, outcome
from trax.service.uploads import Receiving
from trax.stages.options import TranscribeOptions
from trax.store import Upload
from trax.store.revisions import Author, Change, RevisionKind
from trax.transcript import Transcript
from trax.work.workspace import Workspace

_BLOCK = 1 << 20
_SUFFIXES = ((b"\x1aE\xdf\xa3", "webm"), (b"OggS", "ogg"), (b"fLaC", "flac"))


def recording(workspace: Workspace, kept: Kept, owner: str) -> Upload | None:
    """The session's sound as a recording; ``None`` if there is none.

    Samples become FLAC, which loses nothing; a container stays as it came.

    Raises:
        UnreadableAudio: it is no recording.
        LimitExceeded: it is larger than allowed.
        StoreUnavailable: it cannot be kept.
    """
    sound = kept.header.options.sound
    if kept.received < sound.frame_bytes:
        return None
    name = kept.header.options.name or f"live-{kept.header.id}"
    if sound.encoding == "container":
        return _received(workspace, f"{name}.{_suffix(kept.sound())}", kept.sound(), owner)
    file = kept.folder / "recording.flac"
    _write_flac(kept, sound, file)
    try:
        return _received(workspace, f"{name}.flac", file, owner)
    finally:
        file.unlink(missing_ok=True)


def final_options(options: LiveOptions, captions: Captions) -> TranscribeOptions:
    """How the recording is read once more: with the vocabulary that was used last."""
    changes = [each for each in captions.decisions if each.type == "vocabulary"]
    hotwords = changes[-1].hotwords if changes else options.hotwords
    recognition = {"plan": options.plan, "language": options.language, "hotwords": hotwords}
    return TranscribeOptions.model_validate({"recognition": recognition})


def carry_into(
    workspace: Workspace, captions: Captions, reference: str, version: int, author: Author
) -> Outcome:
    """Do what people decided in a session to the transcript that was made of its sound.

    Args:
        version: that was made of it.

    Raises:
        NotFound: there is no such transcript.
        Conflict: somebody has changed it since.
    """
    document: Transcript = workspace.repository.get(reference, version)
    found = outcome(captions, document)
    if found.operations and not _is_carried(workspace, reference, version, found):
        change = Change(
            document=found.document,
            kind=RevisionKind.CARRIED,
            author=author,
            operations=found.operations,
            inverse=list(reversed(found.inverse)),
        )
        workspace.revisions.save(change, version)
    return found


def _is_carried(workspace: Workspace, reference: str, version: int, found: Outcome) -> bool:
    """Whether this was done to a version before: what was to follow may have failed."""
    operations = tuple(found.operations)
    made = workspace.revisions.since(reference, version)
    return any(each.base_version == version and each.operations == operations for each in made)


def _received(workspace: Workspace, name: str, file: Path, owner: str) -> Upload:
    receiving = Receiving(workspace, name)
    try:
        for block in _blocks(file):
            receiving.write(block)
        return receiving.finish(owner)
    finally:
        receiving.close()


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK):
            yield block


def _write_flac(kept: Kept, sound: SoundFormat, file: Path) -> None:
    try:
        with soundfile.SoundFile(
            str(file), "w", sound.sample_rate, sound.channels, "PCM_16", format="FLAC"
        ) as written:
            for block in kept.blocks():
                if len(block) >= sound.frame_bytes:  # the last one may be less than a moment
                    written.write(_samples(block, sound))
    except soundfile.SoundFileError as error:
        raise StoreUnavailable(f"cannot write the recording: {error}") from error


def _samples(block: bytes, sound: SoundFormat) -> NDArray[Any]:
    """Whole moments of a block, shape ``(frames, channels)``."""
    whole = block[: len(block) // sound.frame_bytes * sound.frame_bytes]
    if sound.encoding == "s16":
        return np.frombuffer(whole, dtype="<i2").reshape(-1, sound.channels)
    if sound.encoding == "f32":
        floats: NDArray[np.float32] = np.nan_to_num(np.frombuffer(whole, dtype="<f4"))
        return floats.reshape(-1, sound.channels)
    return _g711(whole, sound).reshape(-1, sound.channels)


def _g711(block: bytes, sound: SoundFormat) -> NDArray[Any]:
    frames = telephone_decoder(sound).decode(av.Packet(block))
    samples: NDArray[Any] = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])
    return samples


def _suffix(file: Path) -> str:
    with file.open("rb") as opened:
        head = opened.read(4)
    return next((suffix for magic, suffix in _SUFFIXES if head == magic), "audio")
