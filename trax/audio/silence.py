"""Stretches of a recording replaced by silence."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from trax.errors import StoreError
from trax.transcript import Span

_BLOCK = 1 << 20  # frames in memory at once


def silenced(source: Path, target: Path, spans: Sequence[Span]) -> None:
    """Write *source* to *target* (FLAC) with nothing to hear in *spans*. Nothing half-written
    stays.

    Raises:
        StoreError: *target* cannot be written.
    """
    partial = target.with_name(target.name + ".part")
    try:
        with soundfile.SoundFile(source) as audio:
            rate, done = audio.samplerate, 0
            with soundfile.SoundFile(
                partial, "w", rate, audio.channels, format="FLAC", subtype="PCM_16"
            ) as written:
                for block in audio.blocks(_BLOCK, dtype="int16", always_2d=True):
                    written.write(_quiet(block, done, rate, spans))
                    done += len(block)
        partial.replace(target)
    except (OSError, soundfile.LibsndfileError) as error:
        raise StoreError(f"cannot write {target}: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def _quiet(block: np.ndarray, first: int, rate: int, spans: Sequence[Span]) -> np.ndarray:
    quiet = block.copy()
    for span in spans:
        start, end = int(span.start * rate) - first, int(np.ceil(span.end * rate)) - first
        quiet[max(0, start) : max(0, end)] = 0
    return quiet
