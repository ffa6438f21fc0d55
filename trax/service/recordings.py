"""Recordings that edges hand in."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from trax.audio import Limits
from trax.audio import tracks as audio_tracks
from trax.errors import InvalidOption, StoreUnavailable
from trax.progress import Progress
from trax.store.objects import file_digest


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
    kept = folder / hashlib.sha256(digests.encode()).hexdigest()[:12]
    target = kept / ("+".join(track.stem for track in tracks)[:100] + ".flac")
    if target.exists():
        return target
    try:
        kept.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"cannot make the folder {kept}: {error.strerror}") from error
    return audio_tracks.join_tracks(tracks, target, limits, progress)
