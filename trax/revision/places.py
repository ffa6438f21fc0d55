"""Where words and segments stand, and segments put in the place of others."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from trax.errors import InvalidOption, NotFound
from trax.revision.operations import Piece
from trax.revision.reasons import REASONS
from trax.transcript import Segment, Span, Transcript, Word


def place_of(transcript: Transcript, word: str) -> tuple[int, int]:
    """The number of the segment that holds the word with this id, and the word's number in it.

    Raises:
        NotFound: no segment does.
    """
    for number, segment in enumerate(transcript.segments):
        for at, each in enumerate(segment.words):
            if each.id == word:
                return number, at
    raise no_word(transcript, word)


def no_word(transcript: Transcript, word: str) -> NotFound:
    """The error that no segment holds a word with this id."""
    return NotFound("word", word, f"transcript {transcript.id} has no word with this id")


def run_of(transcript: Transcript, words: Sequence[str]) -> tuple[int, range]:
    """Where words stand side by side: the number of their segment, and theirs in it.

    Raises:
        NotFound: there is no such word.
        InvalidOption: they are none, or stand elsewhere.
    """
    if not words:
        raise InvalidOption("an operation needs at least one word")
    number, first = place_of(transcript, words[0])
    run = range(first, first + len(words))
    segment = transcript.segments[number]
    if tuple(word.id for word in segment.words[run.start : run.stop]) != tuple(words):
        for word in words:
            place_of(transcript, word)
        raise InvalidOption(REASONS.say("not-together"))
    return number, run


def piece_of(transcript: Transcript, number: int) -> Piece:
    """A segment with its translations."""
    translations = {}
    for language, texts in _aligned(transcript).items():
        translations[language] = texts[number]
    return Piece(segment=transcript.segments[number], translations=translations)


def spliced(transcript: Transcript, place: range, pieces: Sequence[Piece]) -> Transcript:
    """The transcript with *pieces* in the place of segments, translations included.

    Speakers whom no turn names are credited with the time of their words.
    """
    segments = list(transcript.segments)
    segments[place.start : place.stop] = [piece.segment for piece in pieces]
    notes = transcript.notes
    if notes is not None:
        translations = dict(notes.translations)
        for language, texts in _aligned(transcript).items():
            new = list(texts)
            new[place.start : place.stop] = [each.translations.get(language, "") for each in pieces]
            translations[language] = tuple(new)
        notes = replace(notes, translations=translations)
    return tallied(replace(transcript, segments=tuple(segments), notes=notes))


def tallied(transcript: Transcript) -> Transcript:
    """The transcript with the time of their words for speakers whom no turn names."""
    turning = {turn.speaker for turn in transcript.turns}
    if all(speaker.label in turning for speaker in transcript.speakers):
        return transcript
    words = transcript.words
    speakers = []
    for speaker in transcript.speakers:
        if speaker.label not in turning:
            speaker = replace(speaker, speech=_spoken(words, speaker.label))
        speakers.append(speaker)
    return replace(transcript, speakers=tuple(speakers))


def with_words(piece: Piece, words: Sequence[Word], speaker: str | None) -> Piece:
    """A piece with these words, all by *speaker*.

    Raises:
        InvalidOption: they lie outside of it.
    """
    inside(words, piece.segment)
    spoken = tuple(replace(word, speaker=speaker) for word in words)
    return replace(piece, segment=replace(piece.segment, words=spoken, speaker=speaker))


def inside(words: Sequence[Word], span: Span) -> None:
    """Check that words lie within *span*.

    Raises:
        InvalidOption: one does not.
    """
    for word in words:
        if not span.start <= word.start <= word.end <= span.end:
            lies = {"start": f"{span.start:.3f}", "end": f"{span.end:.3f}"}
            raise InvalidOption(REASONS.say("outside-segment", **_named(word), **lies))


def in_order(words: Sequence[Word]) -> None:
    """Check that words follow one another in time.

    Raises:
        InvalidOption: one starts before the word before it.
    """
    for before, word in pairwise(words):
        if word.start < before.start:
            former = {"before": repr(before.text), "before_at": f"{before.start:.3f}"}
            raise InvalidOption(REASONS.say("out-of-order", **_named(word), **former))


def _named(word: Word) -> dict[str, str]:
    return {"word": repr(word.text), "at": f"{word.start:.3f}"}


def covering(words: Sequence[Word]) -> Span:
    """From the start of the first word to the end of the last one that ends."""
    return Span(min(word.start for word in words), max(word.end for word in words))


def timed(segment: Segment, span: Span) -> Segment:
    """The segment at other times."""
    return replace(segment, start=span.start, end=span.end)


def _aligned(transcript: Transcript) -> dict[str, tuple[str, ...]]:
    """Translations with a text for every segment."""
    if transcript.notes is None:
        return {}
    count = len(transcript.segments)
    translations = transcript.notes.translations
    return {language: texts for language, texts in translations.items() if len(texts) == count}


def _spoken(words: Sequence[Word], speaker: str) -> float:
    return round(sum(word.duration for word in words if word.speaker == speaker), 3)
