"""Segments split and joined."""

from dataclasses import replace

from trax.errors import InvalidOption
from trax.revision.operations import Join, Operation, Piece, Split
from trax.revision.places import (
    covering,
    in_order,
    piece_of,
    place_of,
    spliced,
    timed,
    with_words,
)
from trax.transcript import Segment, Span, Transcript

_DECODED = (
    "temperature",
    "mean_log_probability",
    "compression_ratio",
    "no_speech_probability",
    "language",
)


def segment_split(transcript: Transcript, operation: Split) -> Transcript:
    """The transcript with one segment as two.

    Raises:
        NotFound: there is no such word.
        InvalidOption: the segment begins with it, or the words lie outside of the new segments.
    """
    number, at = place_of(transcript, operation.before)
    if at == 0:
        raise InvalidOption("a segment begins with this word already")
    whole = piece_of(transcript, number)
    words = whole.segment.words
    first, second = operation.frames or _halves(whole, at)
    pieces = [
        with_words(first, words[:at], whole.segment.speaker),
        with_words(second, words[at:], whole.segment.speaker),
    ]
    return spliced(transcript, range(number, number + 1), pieces)


def split_undoing(transcript: Transcript, operation: Split) -> Operation:
    """What joins the two segments again."""
    number, _ = place_of(transcript, operation.before)
    return Join(word=operation.before, frame=piece_of(transcript, number).frame)


def segments_joined(transcript: Transcript, operation: Join) -> Transcript:
    """The transcript with two segments as one.

    Raises:
        NotFound: there is no such word.
        InvalidOption: no segment begins with it, the one before is somebody else's or has no words,
            or its words would be out of order.
    """
    number = _second_of(transcript, operation)
    first = piece_of(transcript, number - 1)
    second = piece_of(transcript, number)
    words = (*first.segment.words, *second.segment.words)
    if operation.frame is None:
        in_order(words)
    frame = operation.frame or _joined(first, second)
    whole = with_words(frame, words, first.segment.speaker)
    return spliced(transcript, range(number - 1, number + 1), [whole])


def join_undoing(transcript: Transcript, operation: Join) -> Operation:
    """What splits the segment again."""
    number = _second_of(transcript, operation)
    first = piece_of(transcript, number - 1)
    second = piece_of(transcript, number)
    return Split(before=operation.word, frames=(first.frame, second.frame))


def _second_of(transcript: Transcript, operation: Join) -> int:
    """The number of the segment that is joined to the one before it."""
    number, at = place_of(transcript, operation.word)
    if at or not number:
        raise InvalidOption("only a segment that follows another can be joined to it")
    before = transcript.segments[number - 1]
    if before.speaker != transcript.segments[number].speaker or not before.words:
        raise InvalidOption("only segments of one speaker can be joined")
    return number


def _halves(whole: Piece, at: int) -> tuple[Piece, Piece]:
    """A piece cut in two before its word *at*; the translations stay with the first."""
    segment = whole.segment
    left = covering(segment.words[:at])
    right = covering(segment.words[at:])
    first = timed(segment, Span(min(segment.start, left.start), left.end))
    second = timed(segment, Span(right.start, max(segment.end, right.end)))
    return replace(whole, segment=first), Piece(segment=second)


def _joined(first: Piece, second: Piece) -> Piece:
    """Both as one, with what the decoder says of both alike."""
    one, other = first.segment, second.segment
    alike = {}
    for name in _DECODED:
        value = getattr(one, name)
        alike[name] = value if value == getattr(other, name) else None
    translations = {}
    for language in {**first.translations, **second.translations}:
        texts = (first.translations.get(language), second.translations.get(language))
        translations[language] = " ".join(text for text in texts if text)
    start = min(one.start, other.start)
    end = max(one.end, other.end)
    return Piece(segment=Segment(start, end, (), **alike), translations=translations)
