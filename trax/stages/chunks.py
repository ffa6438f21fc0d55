"""A recording on disk, diarized a chunk at a time."""

from trax.audio import StoredAudio, windows_at_silence
from trax.diarization import DiarizationOptions, Diarizer
from trax.progress import Progress
from trax.transcript import Diarization, Span

_CHUNK = 300.0
"""Seconds of audio in memory at once."""


def diarize_in_chunks(
    engine: Diarizer, options: DiarizationOptions, audio: StoredAudio, progress: Progress
) -> Diarization:
    """A recording's diarization; memory grows with what is found in it, not with its length."""
    session = engine.begin(options)
    done = 0.0

    def advance(share: float) -> None:
        nonlocal done
        done = max(done, share)
        progress(done)

    duration = max(audio.duration, 1e-9)
    for chunk in windows_at_silence(audio, _CHUNK):
        session.feed(audio.read(chunk), _part_of(advance, chunk, duration))
    # What an engine does only now is the rest.
    return session.result(lambda share: progress(done + share * (1 - done)))


def _part_of(progress: Progress, chunk: Span, total: float) -> Progress:
    """Progress through *chunk* as progress through the whole."""
    return lambda share: progress((chunk.start + share * chunk.duration) / total)
