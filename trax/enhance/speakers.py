"""Words moved to the speaker who says them: proposed by a language model, allowed by the sound.

The model writes the lines again; its words do not count, only where it puts the speakers, which are
carried over to the transcript's own words by transcript-preserving speaker transfer (DiarizationLM:
Wang et al. 2024).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from trax.enhance.asking import Ask, Progress
from trax.enhance.engine import Question, estimated_tokens
from trax.enhance.lines import Form, digest
from trax.enhance.sounds import letters
from trax.enhance.wording import Setting
from trax.merge import split_by_speaker
from trax.transcript import (
    Activity,
    Edit,
    EditKind,
    Notes,
    Segment,
    Transcript,
    Turn,
    Unfinished,
    Word,
    joined_text,
)

UNSURE = 0.75
"""A word whose speaker is surer than this stays with them."""

AUDIBLE = 0.25
"""Whoever a word goes to must speak in it with at least this probability."""

_NEAR = 0.25  # seconds around a turn in which its speaker may have spoken
_PART_TOKENS = 1500


class SpokenLine(Form):
    """Who says what."""

    speaker: str
    text: str


class SpokenLines(Form):
    """Answer of ``speakers``."""

    lines: list[SpokenLine]


@dataclass(frozen=True, slots=True)
class Acoustics:
    """Who probably speaks when, by the sound alone."""

    turns: tuple[Turn, ...] = ()
    activity: Activity = field(default_factory=Activity)

    def allows(self, word: Word, speaker: str) -> bool:
        """Whether *word* may be somebody else's, and *speaker* speaks in it."""
        if self.activity.levels:
            if word.speaker_confidence is not None and word.speaker_confidence >= UNSURE:
                return False
            return self.activity.during(word).get(speaker, 0.0) >= AUDIBLE
        return bool(word.doubts) and any(
            turn.speaker == speaker and turn.distance(word) <= _NEAR for turn in self.turns
        )


def speakers_corrected(
    transcript: Transcript, notes: Notes, setting: Setting, acoustics: Acoustics, progress: Progress
) -> tuple[Transcript, Notes]:
    """The transcript with words at other speakers where both agree, and the notes with every move
    asked for.
    """
    system = setting.system("speakers", transcript.language)
    parts = list(_parts(transcript))
    texts = [setting.hidden(_lines(transcript, part)) for part in parts]
    keys = [digest(setting.asker.model.fingerprint, "speakers", system, text) for text in texts]
    known = setting.asker.known(keys)
    asks = [
        _ask(system, text, key) for key, text in zip(keys, texts, strict=True) if key not in known
    ]
    setting.announce([ask.question for ask in asks])
    found = setting.asker.ask(asks, progress)
    answers = known | found.answers
    segments, edits, unfinished = [], list[Edit](), []
    for key, part in zip(keys, parts, strict=True):
        words = [word for segment in part for word in segment.words]
        if key in answers:
            told = SpokenLines.model_validate_json(answers[key]).lines
            words, moves = _moved(words, _shown(told, setting), transcript, acoustics)
            edits += moves
        elif words:
            end = max(word.end for word in words)
            unfinished.append(
                Unfinished(words[0].start, end, "speakers", found.failures.get(key, ""))
            )
        spoken = iter(words)
        given = (
            replace(segment, words=tuple(next(spoken) for _ in segment.words)) for segment in part
        )
        segments += [piece for segment in given for piece in split_by_speaker(segment)]
    notes = replace(
        notes,
        edits=(*notes.edits, *edits),
        unfinished=(*notes.unfinished, *unfinished),
        usage=notes.usage + replace(found.usage, reused=len(known)),
    )
    return replace(transcript, segments=tuple(segments)), notes


def _shown(lines: Sequence[SpokenLine], setting: Setting) -> list[tuple[str, str]]:
    return [(line.speaker, setting.shown(line.text)) for line in lines]


def _parts(transcript: Transcript) -> Iterator[list[Segment]]:
    part: list[Segment] = []
    size = 0
    for segment in transcript.segments:
        tokens = estimated_tokens(segment.text)
        if part and size + tokens > _PART_TOKENS:
            yield part
            part, size = [], 0
        part.append(segment)
        size += tokens
    if part:
        yield part


def _lines(transcript: Transcript, part: Sequence[Segment]) -> str:
    """A line a speaker's turn; speakers are numbered, since their names tell nothing here."""
    numbers = _numbers(transcript)
    return "\n".join(
        f"{numbers[speaker]}: {' '.join(segment.text for segment in run)}"
        for speaker, run in groupby(part, key=lambda segment: segment.speaker)
        if speaker in numbers
    )


def _numbers(transcript: Transcript) -> dict[str | None, str]:
    return {
        speaker.label: str(number) for number, speaker in enumerate(transcript.speakers, start=1)
    }


def _ask(system: str, text: str, key: str) -> Ask:
    question = Question(
        task="speakers",
        system=system,
        user=text,
        schema=SpokenLines.model_json_schema(),
        most_tokens=500 + 3 * estimated_tokens(text),
    )

    def read(raw: Any) -> dict[str, str]:
        return {key: SpokenLines.model_validate(raw).model_dump_json()}

    return Ask(question, (key,), read)


def _moved(
    words: Sequence[Word],
    told: Sequence[tuple[str, str]],
    transcript: Transcript,
    acoustics: Acoustics,
) -> tuple[list[Word], list[Edit]]:
    """The words at the speakers that were *told*, as far as the sound allows, and every move that
    was asked for.
    """
    labels = {number: label for label, number in _numbers(transcript).items()}
    wanted = _transferred(words, told, labels)
    result, edits = list(words), []
    for at, (word, label) in enumerate(zip(words, wanted, strict=True)):
        if label is None or label == word.speaker:
            continue
        allowed = acoustics.allows(word, label)
        if allowed:
            result[at] = replace(word, speaker=label)
        before, after = (
            f"{transcript.display_name(who)}: {word.text}" for who in (word.speaker, label)
        )
        reason = "" if allowed else "the sound speaks against it"
        edits.append(
            Edit(word.start, word.end, EditKind.SPEAKER, "speakers", before, after, reason)
        )
    return result, edits


def _transferred(
    words: Sequence[Word], told: Sequence[tuple[str, str]], labels: dict[str, str | None]
) -> list[str | None]:
    """For each word the speaker who says it in *told*; ``None`` where that is nobody of the
    recording.
    """
    from diarizationlm import transcript_preserving_speaker_transfer

    # The package counts speakers by number and words by spaces.
    numbers = {label: str(number) for number, label in labels.items()}
    source = [
        (letters(text) or "-", number.strip()) for number, line in told for text in line.split()
    ]
    source = [(text, number) for text, number in source if number in labels]
    speakers = {number for _text, number in source} | {
        numbers.get(word.speaker, "") for word in words
    }
    if len(speakers) < 2 or "" in speakers:
        return [None] * len(words)
    moved = transcript_preserving_speaker_transfer(
        src_text=" ".join(text for text, _number in source),
        src_spk=" ".join(number for _text, number in source),
        tgt_text=" ".join(letters(joined_text([word])) or "-" for word in words),
        tgt_spk=" ".join(numbers[word.speaker] for word in words),
    )
    return [labels.get(number) for number in moved.split()]
