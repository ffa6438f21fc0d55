"""Recordings in which every channel is one person's microphone: found, taken apart, put
together.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from trax.audio.decode import SAMPLE_RATE, decode_to_flac
from trax.audio.probe import Limits
from trax.errors import InvalidOption, StoreUnavailable

MOST_TRACKS = 8
"""Channels that a FLAC file can hold."""

LEVEL_FRAME = 0.032
"""Seconds a level is taken over."""

APART = 9.0
"""Decibels by which the one who speaks is louder in their own channel than in every other one."""

_BLOCK = round(LEVEL_FRAME * SAMPLE_RATE) * 1000  # some half a minute
_SILENT = 25.0  # decibels under the loudest frames at which nobody speaks
_MOSTLY = 0.9  # share of the loud frames in which one channel must stand out
_LEAST = 0.02  # share of them that each channel must have
_FLOOR = -120.0


def levels(path: Path) -> NDArray[np.float32]:
    """Level of each channel in dB below full scale, shape ``(frames, channels)``, one each
    `LEVEL_FRAME` seconds.
    """
    length = round(LEVEL_FRAME * SAMPLE_RATE)
    found = [
        np.stack([_decibels(block[at : at + length]) for at in range(0, len(block), length)])
        for block in soundfile.blocks(str(path), _BLOCK, dtype="float32", always_2d=True)
    ]
    return np.concatenate(found) if found else np.zeros((0, 1), dtype=np.float32)


def one_voice_a_channel(loudness: NDArray[np.float32]) -> bool:
    """Whether each channel holds one speaker: nearly always one of them is far louder, and not
    always the same.
    """
    if loudness.shape[1] < 2 or not len(loudness):
        return False
    loudest = loudness.max(axis=1)
    loud = loudness[loudest > max(float(np.percentile(loudest, 95)) - _SILENT, -60.0)]
    if not len(loud):
        return False
    ordered = np.sort(loud, axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > APART
    shares = np.bincount(loud.argmax(axis=1)[clear], minlength=loud.shape[1]) / len(loud)
    return bool(clear.mean() >= _MOSTLY and shares.min() >= _LEAST)


def take_apart(path: Path, folder: Path) -> tuple[Path, list[Path]]:
    """A FLAC file with several channels as one mono mix and a mono file a channel, in *folder*.

    The mix is the sum, so that nobody is quieter in it than in their own channel.
    """
    with soundfile.SoundFile(str(path)) as source:
        names = ["audio", *(f"track-{number}" for number in range(1, source.channels + 1))]
        targets = [folder / f"{name}.flac" for name in names]
        files = [
            soundfile.SoundFile(str(t), "w", SAMPLE_RATE, 1, "PCM_16", format="FLAC")
            for t in targets
        ]
        for block in source.blocks(_BLOCK, dtype="int16", always_2d=True):
            files[0].write(block.sum(axis=1, dtype=np.int32).clip(-32768, 32767).astype(np.int16))
            for at, file in enumerate(files[1:]):
                file.write(np.ascontiguousarray(block[:, at]))
        for file in files:
            file.close()
    return targets[0], targets[1:]


def put_together(
    sources: Sequence[Path],
    target: Path,
    limits: Limits,
    progress: Callable[[float], None] = lambda _share: None,
) -> Path:
    """Files of one speaker each as one FLAC file with a channel for each; shorter ones end in
    silence.

    Raises:
        InvalidOption: there are fewer than two of them, or more than a file can hold.
        UnreadableAudio: no audio can be decoded from one.
    """
    if not 2 <= len(sources) <= MOST_TRACKS:
        raise InvalidOption(
            f"between two and {MOST_TRACKS} tracks make a recording; these are {len(sources)}"
        )
    decoded = []
    for number, source in enumerate(sources):
        decoded.append(target.with_name(f"{target.stem}-{number}.part"))
        decode_to_flac(source, decoded[-1], limits)
        progress((number + 1) / (len(sources) + 1))
    partial = target.with_suffix(".part")
    try:
        with soundfile.SoundFile(
            str(partial), "w", SAMPLE_RATE, len(decoded), "PCM_16", format="FLAC"
        ) as file:
            for block in _side_by_side(decoded):
                file.write(block)
    except soundfile.SoundFileError as error:
        partial.unlink(missing_ok=True)
        raise StoreUnavailable(f"cannot write the tracks: {error}") from error
    finally:
        for path in decoded:
            path.unlink(missing_ok=True)
    return partial.replace(target)


def _side_by_side(paths: Sequence[Path]) -> Iterator[NDArray[np.int16]]:
    files = [soundfile.SoundFile(str(path)) for path in paths]
    longest = max(file.frames for file in files)
    for start in range(0, longest, _BLOCK):
        length = min(_BLOCK, longest - start)
        yield np.stack([file.read(length, dtype="int16", fill_value=0) for file in files], axis=1)
    for file in files:
        file.close()


def _decibels(block: NDArray[np.float32]) -> NDArray[np.float32]:
    power = np.square(block, dtype=np.float32).mean(axis=0)
    found: NDArray[np.float32] = np.maximum(10 * np.log10(power + 1e-12), _FLOOR).astype(np.float32)
    return found
