"""Move words to the speaker who says them: a language model proposes, the sound decides.

The model writes the lines again. Its words do not count, only which speaker it gives them: the
speakers are carried over to the transcript's own words by transcript-preserving speaker transfer
(DiarizationLM: Wang et al. 2024).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from trax.enhance.acoustics import Acoustics
from trax.enhance.context import EnhancementContext
from trax.enhance.dispatch import Outcome, Request
from trax.enhance.engine import Question, estimated_tokens
from trax.enhance.forms import Form
from trax.enhance.speaker_transfer import SpokenText, transferred_speakers
from trax.merge import split_by_speaker
from trax.progress import Progress
from trax.transcript import (
    Edit,
    EditKind,
    Notes,
    Segment,
    Transcript,
    Unfinished,
    Word,
)

_PART_TOKENS = 1500
_TASK = "speakers"


class SpokenLine(Form):
    """Who says what."""

    speaker: str
    text: str


class SpokenLines(Form):
    """Answer of ``speakers``."""

    lines: list[SpokenLine]


@dataclass(slots=True)
class _Correction:
    """What became of the parts looked at so far."""

    segments: list[Segment]
    edits: list[Edit]
    unfinished: list[Unfinished]


def correct_speakers(
    transcript: Transcript,
    notes: Notes,
    context: EnhancementContext,
    acoustics: Acoustics,
    progress: Progress,
) -> tuple[Transcript, Notes]:
    """Move words to other speakers where model and sound agree; the notes list every proposal."""
    system = context.system_prompt(_TASK, transcript.language)
    numbers = _speaker_numbers(transcript)
    parts = list(_split_parts(transcript))
    requests = []
    for part in parts:
        text = context.masked(_written_lines(part, numbers))
        key = context.key(_TASK, system, text)
        requests.append(_request(system, text, key))
    outcome = context.ask_unanswered(requests, progress)
    correction = _Correction([], [], [])
    for request, part in zip(requests, parts, strict=True):
        key = request.keys[0]
        words = _correct_part(part, key, outcome, transcript, context, acoustics, correction)
        correction.segments += _split_segments(part, words)
    notes = replace(
        notes,
        edits=(*notes.edits, *correction.edits),
        unfinished=(*notes.unfinished, *correction.unfinished),
        usage=notes.usage + outcome.usage,
    )
    return replace(transcript, segments=tuple(correction.segments)), notes


def _correct_part(
    part: Sequence[Segment],
    key: str,
    outcome: Outcome,
    transcript: Transcript,
    context: EnhancementContext,
    acoustics: Acoustics,
    correction: _Correction,
) -> list[Word]:
    """The words of a part after its answer; edits and failures are added to *correction*."""
    words = _words(part)
    if key in outcome.answers:
        lines = _read_lines(outcome.answers[key], context)
        words, edits = _moved(words, lines, transcript, acoustics)
        correction.edits += edits
    elif words:
        end = max(word.end for word in words)
        reason = outcome.failures.get(key, "")
        correction.unfinished.append(Unfinished(words[0].start, end, _TASK, reason))
    return words


def _words(segments: Sequence[Segment]) -> list[Word]:
    words: list[Word] = []
    for segment in segments:
        words += segment.words
    return words


def _split_parts(transcript: Transcript) -> Iterator[list[Segment]]:
    part: list[Segment] = []
    tokens = 0
    for segment in transcript.segments:
        segment_tokens = estimated_tokens(segment.text)
        if part and tokens + segment_tokens > _PART_TOKENS:
            yield part
            part = []
            tokens = 0
        part.append(segment)
        tokens += segment_tokens
    if part:
        yield part


def _split_segments(part: Sequence[Segment], words: Sequence[Word]) -> Iterator[Segment]:
    """The segments with *words* in place of their own, divided where the speaker changes."""
    done = 0
    for segment in part:
        past = done + len(segment.words)
        changed = replace(segment, words=tuple(words[done:past]))
        yield from split_by_speaker(changed)
        done = past


def _speaker_numbers(transcript: Transcript) -> dict[str | None, str]:
    """Speakers by number: their names say nothing here."""
    numbers: dict[str | None, str] = {}
    for number, speaker in enumerate(transcript.speakers, start=1):
        numbers[speaker.label] = str(number)
    return numbers


def _written_lines(part: Sequence[Segment], numbers: dict[str | None, str]) -> str:
    """A line for each speaker's turn."""
    lines = []
    for speaker, turn in groupby(part, key=lambda segment: segment.speaker):
        if speaker in numbers:
            text = " ".join(segment.text for segment in turn)
            lines.append(f"{numbers[speaker]}: {text}")
    return "\n".join(lines)


def _request(system: str, text: str, key: str) -> Request:
    question = Question(
        task=_TASK,
        system=system,
        user=text,
        schema=SpokenLines.model_json_schema(),
        most_tokens=500 + 3 * estimated_tokens(text),
    )

    def parse(answer: Any) -> dict[str, str]:
        return {key: SpokenLines.model_validate(answer).model_dump_json()}

    return Request(question, (key,), parse)


def _read_lines(answer: str, context: EnhancementContext) -> list[SpokenText]:
    lines = SpokenLines.model_validate_json(answer).lines
    return [SpokenText(line.speaker, context.unmasked(line.text)) for line in lines]


def _moved(
    words: Sequence[Word],
    lines: Sequence[SpokenText],
    transcript: Transcript,
    acoustics: Acoustics,
) -> tuple[list[Word], list[Edit]]:
    """The words with the speakers of *lines* as far as the sound allows, and every proposal."""
    speakers = transferred_speakers(words, lines, _speaker_numbers(transcript))
    result = list(words)
    edits = []
    for index, (word, speaker) in enumerate(zip(words, speakers, strict=True)):
        if speaker is None or speaker == word.speaker:
            continue
        allowed = acoustics.allows(word, speaker)
        if allowed:
            result[index] = replace(word, speaker=speaker)
        edits.append(_edit(word, speaker, transcript, allowed=allowed))
    return result, edits


def _edit(
    word: Word,
    speaker: str,
    transcript: Transcript,
    *,
    allowed: bool,
) -> Edit:
    before = f"{transcript.display_name(word.speaker)}: {word.text}"
    after = f"{transcript.display_name(speaker)}: {word.text}"
    reason = "" if allowed else "the sound speaks against it"
    return Edit(
        word.start,
        word.end,
        EditKind.SPEAKER,
        _TASK,
        before,
        after,
        reason,
    )
