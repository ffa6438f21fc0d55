"""Recordings in which every channel is one person's microphone: detected, split and joined."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from trax.audio.conversion import SAMPLE_RATE
from trax.audio.joining import MOST_CHANNELS, added_up, flac_file, side_by_side
from trax.audio.probe import Limits, noted, probe
from trax.audio.streams import decode_recording
from trax.audio.waveform import StoredAudio
from trax.errors import InvalidOption, StoreUnavailable

LEVEL_FRAME = 0.032
"""Seconds a level is taken over."""

APART = 9.0
"""Decibels by which a speaker is louder in their own channel than in any other."""

_LEVEL_SAMPLES = round(LEVEL_FRAME * SAMPLE_RATE)
_BLOCK = _LEVEL_SAMPLES * 1000  # about half a minute
_SILENT = 25.0  # decibels below the loudest frames at which nobody speaks
_LOUDEST = 95  # percentile of the levels
_INAUDIBLE = -60.0  # dB below full scale
_FLOOR_PERCENTILE = 5  # of a channel's levels: what is there when nobody speaks
_ABOVE_FLOOR = 10.0  # decibels by which speech stands out from that
_MOSTLY = 0.7  # share of the loud frames in which one channel must stand out: people talk at once
_LEAST = 0.02  # share of them that each channel must have
_FLOOR = -120.0


def track_name(number: int) -> str:
    """What the track of a channel is called; numbers begin at 0.

    >>> track_name(0)
    'track-1'
    """
    return f"track-{number + 1}"


def levels(path: Path) -> NDArray[np.float32]:
    """Level of each channel in dB relative to full scale, a row each `LEVEL_FRAME` seconds.

    Shape ``(frames, channels)``.
    """
    found: list[NDArray[np.float32]] = []
    for block in soundfile.blocks(str(path), _BLOCK, dtype="float32", always_2d=True):
        starts = range(0, len(block), _LEVEL_SAMPLES)
        found.extend(_decibels(block[at : at + _LEVEL_SAMPLES]) for at in starts)
    if not found:
        return np.zeros((0, 1), dtype=np.float32)
    return np.stack(found)


def track_levels(tracks: Sequence[StoredAudio]) -> NDArray[np.float32]:
    """Level of each of several mono files of equal length, as `levels` gives those of channels."""
    return np.concatenate([levels(track.path) for track in tracks], axis=1)


def one_speaker_per_channel(loudness: NDArray[np.float32]) -> bool:
    """Whether each channel holds one speaker.

    If so, one channel is far louder nearly all the time, and not always the same one.
    """
    if loudness.shape[1] < 2 or not len(loudness):
        return False
    loudest = loudness.max(axis=1)
    audible = max(float(np.percentile(loudest, _LOUDEST)) - _SILENT, _INAUDIBLE)
    floor = np.percentile(loudness, _FLOOR_PERCENTILE, axis=0)
    spoken = (loudness - floor).max(axis=1) > _ABOVE_FLOOR
    loud = loudness[(loudest > audible) & spoken]
    if not len(loud):
        return False
    ordered = np.sort(loud, axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > APART
    counts = np.bincount(loud.argmax(axis=1)[clear], minlength=loud.shape[1])
    shares = counts / len(loud)
    return bool(clear.mean() >= _MOSTLY and shares.min() >= _LEAST)


def split_channels(path: Path, folder: Path) -> tuple[Path, list[Path]]:
    """Split a FLAC file into a mono mix and a mono file for each channel, in *folder*.

    The mix is the sum, so that nobody is quieter in it than in their own channel.
    """
    mix = folder / "audio.flac"
    with ExitStack() as opened:
        source = opened.enter_context(soundfile.SoundFile(str(path)))
        tracks = [folder / f"{track_name(at)}.flac" for at in range(source.channels)]
        mixed = opened.enter_context(flac_file(mix, 1))
        files = [opened.enter_context(flac_file(track, 1)) for track in tracks]
        for block in source.blocks(_BLOCK, dtype="int16", always_2d=True):
            mixed.write(added_up(block))
            for at, file in enumerate(files):
                file.write(np.ascontiguousarray(block[:, at]))
    return mix, tracks


def join_tracks(
    sources: Sequence[Path],
    target: Path,
    limits: Limits,
    progress: Callable[[float], None] = lambda _share: None,
) -> Path:
    """Join files of one speaker each into one FLAC file, a channel each; shorter ones are padded.

    What was wrong with them is noted in the file, so that it is said of the recording, too.

    Raises:
        InvalidOption: there are fewer than two files, or more than fit.
        UnreadableAudio: no audio can be decoded from one of them.
        StoreUnavailable: *target* cannot be written.
    """
    if not 2 <= len(sources) <= MOST_CHANNELS:
        raise InvalidOption(
            f"a recording has between two and {MOST_CHANNELS} tracks; these are {len(sources)}"
        )
    parts: list[Path] = []
    warnings: list[str] = []
    for number, source in enumerate(sources):
        part = target.with_name(f"{target.stem}-{number}.part")
        parts.append(part)
        decoded = decode_recording(source, probe(source, limits), limits, part)
        warnings.extend(f"{source.name}: {text}" for text in decoded.warnings)
        progress((number + 1) / (len(sources) + 1))
    partial = target.with_suffix(".part")
    try:
        with flac_file(partial, len(parts)) as file:
            if warnings:
                file.comment = noted(warnings)
            for block in side_by_side(parts):
                file.write(block)
    except soundfile.SoundFileError as error:
        partial.unlink(missing_ok=True)
        raise StoreUnavailable(f"cannot write the tracks: {error}") from error
    finally:
        for path in parts:
            path.unlink(missing_ok=True)
    return partial.replace(target)


def _decibels(block: NDArray[np.float32]) -> NDArray[np.float32]:
    power = np.square(block, dtype=np.float32).mean(axis=0)
    level = 10 * np.log10(power + 1e-12)
    found: NDArray[np.float32] = np.maximum(level, _FLOOR).astype(np.float32)
    return found
