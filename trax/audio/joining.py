"""Mono files side by side, and added up."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from trax.audio.conversion import SAMPLE_RATE
from trax.errors import StoreUnavailable

MOST_CHANNELS = 8
"""Channels that fit into a FLAC file."""

_BLOCK = 1 << 19  # about half a minute


def flac_file(path: Path, channels: int) -> soundfile.SoundFile:
    """A 16-bit 16 kHz FLAC file, open for writing."""
    return soundfile.SoundFile(str(path), "w", SAMPLE_RATE, channels, "PCM_16", format="FLAC")


def added_up(block: NDArray[np.int16]) -> NDArray[np.int16]:
    """The sum of all channels, clipped."""
    total: NDArray[np.int32] = block.sum(axis=1, dtype=np.int32)
    return total.clip(-32768, 32767).astype(np.int16)


def mix_tracks(sources: Sequence[Path], mix: Path, separate: Path | None) -> None:
    """Write the sum of mono files to *mix*, and a channel for each to *separate* if they fit.

    Raises:
        StoreUnavailable: they cannot be written.
    """
    try:
        with ExitStack() as opened:
            mixed = opened.enter_context(flac_file(mix, 1))
            apart = None
            if separate is not None and len(sources) <= MOST_CHANNELS:
                apart = opened.enter_context(flac_file(separate, len(sources)))
            for block in side_by_side(sources):
                mixed.write(added_up(block))
                if apart is not None:
                    apart.write(block)
    except soundfile.SoundFileError as error:
        raise StoreUnavailable(f"cannot write the tracks: {error}") from error


def side_by_side(paths: Sequence[Path]) -> Iterator[NDArray[np.int16]]:
    """Blocks with a column for each of the mono files."""
    with ExitStack() as opened:
        files = [opened.enter_context(soundfile.SoundFile(str(path))) for path in paths]
        longest = max(file.frames for file in files)
        for start in range(0, longest, _BLOCK):
            length = min(_BLOCK, longest - start)
            columns = [file.read(length, dtype="int16", fill_value=0) for file in files]
            yield np.stack(columns, axis=1)
