"""Words replaced, put in and taken out."""

from collections.abc import Sequence
from dataclasses import replace

from trax.errors import InvalidOption
from trax.revision.operations import Delete, Insert, Operation, Piece, Replace
from trax.revision.places import (
    covering,
    in_order,
    inside,
    piece_of,
    place_of,
    run_of,
    spliced,
    timed,
    with_words,
)
from trax.transcript import Segment, Span, Transcript, Word


def word_replaced(transcript: Transcript, operation: Replace) -> Transcript:
    """The transcript with another text for one word.

    Raises:
        NotFound: there is no such word.
        InvalidOption: the text is empty.
    """
    _check_text(operation.text)
    number, at = place_of(transcript, operation.word)
    words = list(transcript.segments[number].words)
    words[at] = replace(words[at], text=operation.text, confidence=operation.confidence)
    return _with_segment(transcript, number, tuple(words))


def replace_undoing(transcript: Transcript, operation: Replace) -> Operation:
    """What gives the word its text again."""
    number, at = place_of(transcript, operation.word)
    word = transcript.segments[number].words[at]
    return Replace(word=word.id, text=word.text, confidence=word.confidence)


def words_inserted(transcript: Transcript, operation: Insert) -> Transcript:
    """The transcript with more words.

    Raises:
        NotFound: there is no word to put them next to.
        InvalidOption: a word has no text, no id or another word's id, or lies outside of its
            segment or before the word in front of it.
    """
    _check_new(transcript, operation.words)
    if operation.frame is None:
        return _inserted_beside(transcript, operation)
    in_order(operation.words)
    at = _segment_place(transcript, operation)
    piece = with_words(operation.frame, operation.words, operation.frame.segment.speaker)
    return spliced(transcript, range(at, at), [piece])


def insert_undoing(transcript: Transcript, operation: Insert) -> Operation:
    """What takes the words out again."""
    ids = tuple(word.id for word in operation.words)
    if operation.frame is not None:
        return Delete(words=ids)
    number, _ = _anchor(transcript, operation)
    segment = transcript.segments[number]
    return Delete(words=ids, span=Span(segment.start, segment.end))


def words_deleted(transcript: Transcript, operation: Delete) -> Transcript:
    """The transcript without some words.

    Raises:
        NotFound: there is no such word.
        InvalidOption: they do not stand side by side in one segment, or others lie outside of the
            times that the segment is to have.
    """
    number, run = run_of(transcript, operation.words)
    segment = transcript.segments[number]
    left = (*segment.words[: run.start], *segment.words[run.stop :])
    if not left:
        return spliced(transcript, range(number, number + 1), [])
    if operation.span is not None:
        inside(left, operation.span)
    return _with_segment(transcript, number, left, operation.span)


def delete_undoing(transcript: Transcript, operation: Delete) -> Operation:
    """What puts the words in again."""
    number, run = run_of(transcript, operation.words)
    segment = transcript.segments[number]
    words = segment.words[run.start : run.stop]
    if len(words) == len(segment.words):
        return _segment_insert(transcript, number)
    span = Span(segment.start, segment.end)
    if run.start:
        return Insert(words=words, after=segment.words[run.start - 1].id, span=span)
    return Insert(words=words, before=segment.words[run.stop].id, span=span)


def _segment_insert(transcript: Transcript, number: int) -> Insert:
    """What makes a whole segment again, beside its neighbour."""
    piece = piece_of(transcript, number)
    words = piece.segment.words
    before = [word.id for segment in transcript.segments[:number] for word in segment.words[-1:]]
    after = [word.id for segment in transcript.segments[number + 1 :] for word in segment.words[:1]]
    if before:
        return Insert(words=words, after=before[-1], frame=piece.frame)
    return Insert(words=words, before=after[0] if after else "", frame=piece.frame)


def _inserted_beside(transcript: Transcript, operation: Insert) -> Transcript:
    number, at = _anchor(transcript, operation)
    segment = transcript.segments[number]
    new = tuple(replace(word, speaker=segment.speaker) for word in operation.words)
    in_order((*segment.words[max(0, at - 1) : at], *new, *segment.words[at : at + 1]))
    words = (*segment.words[:at], *new, *segment.words[at:])
    span = operation.span
    if span is None:
        needed = covering(new)
        span = Span(min(segment.start, needed.start), max(segment.end, needed.end))
    inside(words, span)
    return _with_segment(transcript, number, words, span)


def _anchor(transcript: Transcript, operation: Insert) -> tuple[int, int]:
    """The segment beside whose word the new ones go, and their number in it."""
    if bool(operation.after) == bool(operation.before):
        raise InvalidOption("words are put in after a word or before one")
    number, at = place_of(transcript, operation.after or operation.before)
    return number, at + 1 if operation.after else at


def _segment_place(transcript: Transcript, operation: Insert) -> int:
    """The number that a new segment gets."""
    if not operation.after and not operation.before and not transcript.words:
        return len(transcript.segments)
    number, _ = _anchor(transcript, operation)
    return number + 1 if operation.after else number


def _check_new(transcript: Transcript, words: Sequence[Word]) -> None:
    if not words:
        raise InvalidOption("an operation needs at least one word")
    taken = {word.id for word in transcript.words}
    taken |= {word.id for removed in transcript.removed for word in removed.words}
    for word in words:
        _check_text(word.text)
        if not word.id or word.id in taken:
            raise InvalidOption(f"the new word {word.text!r} needs an id that no other word has")
        taken.add(word.id)


def _check_text(text: str) -> None:
    if not text or text != text.strip():
        raise InvalidOption(f"a word needs a text without spaces around it, not {text!r}")


def _with_segment(
    transcript: Transcript, number: int, words: tuple[Word, ...], span: Span | None = None
) -> Transcript:
    piece: Piece = piece_of(transcript, number)
    segment: Segment = replace(piece.segment, words=words)
    if span is not None:
        segment = timed(segment, span)
    return spliced(transcript, range(number, number + 1), [replace(piece, segment=segment)])
