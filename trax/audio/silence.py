"""Replaces parts of a recording by silence."""

import uuid
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from trax.errors import StoreError
from trax.transcript import Span

_BLOCK = 1 << 20  # frames in memory at once


def silence_spans(source: Path, target: Path, spans: Sequence[Span]) -> None:
    """Write *source* to *target* (FLAC) with silence in *spans*; never leave half a file.

    Raises:
        StoreError: *target* cannot be written.
    """
    partial = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with soundfile.SoundFile(source) as audio:
            rate = audio.samplerate
            done = 0
            with soundfile.SoundFile(
                partial, "w", rate, audio.channels, format="FLAC", subtype="PCM_16"
            ) as written:
                for block in audio.blocks(_BLOCK, dtype="int16", always_2d=True):
                    written.write(_silenced(block, done, rate, spans))
                    done += len(block)
        partial.replace(target)
    except (OSError, soundfile.LibsndfileError) as error:
        raise StoreError(f"cannot write {target}: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def _silenced(block: np.ndarray, first: int, rate: int, spans: Sequence[Span]) -> np.ndarray:
    """*block*, which begins at sample *first*, with silence in *spans*."""
    found = block.copy()
    for span in spans:
        start = int(span.start * rate) - first
        end = int(np.ceil(span.end * rate)) - first
        found[max(0, start) : max(0, end)] = 0
    return found
