"""When words that somebody typed were said: by the sound of the recording, where it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import soundfile

from trax.asr.typed import typed_spans
from trax.audio import SAMPLE_RATE, Waveform
from trax.errors import EngineError, InvalidOption, ModelUnavailable, NotFound
from trax.revision import Write
from trax.revision.writing import free_time, shared_time
from trax.service.copies import kept_sound
from trax.store.recordings import RecordingRecord
from trax.store.seekable import open_object
from trax.transcript import Span, Transcript, Word
from trax.transcript.languages import ENGLISH
from trax.work.workspace import Workspace

MOST_WORDS = 60
"""Words typed into one place whose times are looked for."""

_AROUND = 5  # words on either side that are listened to as well
_MARGIN = 0.2  # seconds
_LONGEST = 25.0  # seconds that are listened to at once


@dataclass(frozen=True, slots=True)
class TypedTimes:
    """When typed words were said.

    Attributes:
        spans: of each word.
        heard: whether the sound says so; otherwise the words share the time by their letters.
    """

    spans: Sequence[Span]
    heard: bool


def typed_times(
    workspace: Workspace, recording: RecordingRecord, transcript: Transcript, write: Write
) -> TypedTimes:
    """When each word of *write* was said.

    The words share the time by their letters where the sound is no longer kept, no model is at
    hand, or the place is too long to be heard at once.

    Raises:
        NotFound: there is no word to put text next to.
        InvalidOption: there is no text, or too much, or it is not said where it goes.
    """
    texts = write.text.split()
    if len(texts) > MOST_WORDS:
        raise InvalidOption(f"times are found for at most {MOST_WORDS} words at once")
    shared = shared_time(transcript, write)
    free = free_time(transcript, write)
    before, after = _neighbours(transcript, write)
    heard = _covering([*before, *after], transcript.recording.duration)
    if heard.duration > _LONGEST:
        return TypedTimes(shared, False)
    try:
        window = _sound(workspace, recording, heard)
        aligner = workspace.engines.aligner(transcript.language or ENGLISH)
        spans = typed_spans(
            aligner,
            window,
            (_shifted(before, heard), _shifted(after, heard)),
            texts,
            _room(free, heard),
            transcript.language or ENGLISH,
        )
    except (NotFound, ModelUnavailable, EngineError, soundfile.SoundFileError):
        return TypedTimes(shared, False)
    return TypedTimes([_placed(span.shifted(heard.start), free) for span in spans], True)


def _shifted(words: Sequence[Word], heard: Span) -> list[Word]:
    return [word.shifted(-heard.start) for word in words]


def _placed(span: Span, free: Span) -> Span:
    """The span to a millisecond, and not past *free* by as little as that."""
    start = min(max(round(span.start, 3), free.start), free.end)
    return Span(start, min(max(round(span.end, 3), start), free.end))


def _room(free: Span, heard: Span) -> Span:
    """The part of the time between words that is heard, seconds from where that begins."""
    start = min(max(free.start, heard.start), heard.end)
    end = min(max(free.end, start), heard.end)
    return Span(start - heard.start, end - heard.start)


def _neighbours(transcript: Transcript, write: Write) -> tuple[list[Word], list[Word]]:
    """The words before and after the place, in the transcript's order."""
    words = transcript.words
    anchor = write.after or write.before
    at = next(number for number, word in enumerate(words) if word.id == anchor)
    place = at + 1 if write.after else at
    return list(words[max(0, place - _AROUND) : place]), list(words[place : place + _AROUND])


def _covering(words: Sequence[Word], duration: float) -> Span:
    """The time of *words* with a margin, inside the recording."""
    start = max(0.0, min(word.start for word in words) - _MARGIN)
    end = min(duration, max(word.end for word in words) + _MARGIN)
    return Span(start, max(start, end))


def _sound(workspace: Workspace, recording: RecordingRecord, heard: Span) -> Waveform:
    """A part of a recording's sound, without a copy of the whole.

    Raises:
        NotFound: it is no longer kept.
    """
    key = kept_sound(workspace, recording)
    state = workspace.objects.stat(key) if key else None
    if state is None:
        raise NotFound("audio", recording.name)
    with (
        open_object(workspace.objects, state.key, state.size_bytes) as file,
        soundfile.SoundFile(file) as sound,
    ):
        sound.seek(min(sound.frames, round(heard.start * sound.samplerate)))
        samples = sound.read(round(heard.duration * SAMPLE_RATE), dtype="float32", always_2d=True)
    return Waveform(samples.mean(axis=1), SAMPLE_RATE)
