"""Text that recognition removed, put back, and removed again."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from trax.errors import InvalidOption, NotFound
from trax.merge import assign_speakers, split_by_speaker
from trax.revision.operations import Operation, Piece, Restore, Withdraw
from trax.revision.places import covering, piece_of, run_of, spliced
from trax.transcript import Removed, Segment, Transcript, Word, identified


def restored(transcript: Transcript, numbers: Iterable[int]) -> Transcript:
    """The transcript with the removed texts of *numbers* in it again; the first is 1.

    Each comes back as a segment of its own at its own time, by the speaker in whose track or turn
    it is.

    Raises:
        NotFound: nothing with such a number was removed.
    """
    transcript = identified(transcript)
    for operation in restoring(transcript, numbers):
        transcript = text_restored(transcript, operation)
    return transcript


def restoring(transcript: Transcript, numbers: Iterable[int] = ()) -> list[Restore]:
    """What puts the removed texts of *numbers* back, or all; the first is 1.

    Raises:
        NotFound: nothing with such a number was removed.
    """
    count = len(transcript.removed)
    every = set(range(1, count + 1))
    wanted = set(numbers) or every
    if unknown := wanted - every:
        advice = f"{count} texts were removed from transcript {transcript.id}"
        raise NotFound("removed text", str(min(unknown)), advice)
    texts = [transcript.removed[number - 1] for number in sorted(wanted)]
    return [Restore(word=removed.words[0].id) for removed in texts]


def text_restored(transcript: Transcript, operation: Restore) -> Transcript:
    """The transcript with one removed text in it again.

    Raises:
        NotFound: no removed text begins with this word.
        InvalidOption: it is to come back with other words.
    """
    at = _removed_at(transcript, operation.word)
    removed = transcript.removed[at]
    pieces = operation.pieces or _pieces(transcript, removed)
    words = [word.id for piece in pieces for word in piece.segment.words]
    if sorted(words) != sorted(word.id for word in removed.words):
        raise InvalidOption("a removed text comes back with its own words")
    left = (*transcript.removed[:at], *transcript.removed[at + 1 :])
    transcript = replace(transcript, removed=left)
    for piece in pieces:
        place = _place(transcript, piece.segment)
        transcript = spliced(transcript, range(place, place), [piece])
    return transcript


def restore_undoing(transcript: Transcript, operation: Restore) -> Operation:
    """What removes the text again."""
    at = _removed_at(transcript, operation.word)
    removed = transcript.removed[at]
    return Withdraw(words=tuple(word.id for word in removed.words), removed=removed, at=at)


def text_withdrawn(transcript: Transcript, operation: Withdraw) -> Transcript:
    """The transcript without restored text, which stands among the removed texts again.

    Raises:
        NotFound: there is no such word.
        InvalidOption: the words are not all words of their segments, or not those of the text, or
            there is no such place.
    """
    if sorted(operation.words) != sorted(word.id for word in operation.removed.words):
        raise InvalidOption("a restored text is removed with its own words")
    if not 0 <= operation.at <= len(transcript.removed):
        raise InvalidOption(f"there is no place {operation.at} among the removed texts")
    for number in reversed(_segments_of(transcript, operation)):
        transcript = spliced(transcript, range(number, number + 1), [])
    removed = list(transcript.removed)
    removed.insert(operation.at, operation.removed)
    return replace(transcript, removed=tuple(removed))


def withdraw_undoing(transcript: Transcript, operation: Withdraw) -> Operation:
    """What puts the text back, as it stands now."""
    numbers = _segments_of(transcript, operation)
    pieces = tuple(piece_of(transcript, number) for number in numbers)
    return Restore(word=operation.removed.words[0].id, pieces=pieces)


def _removed_at(transcript: Transcript, word: str) -> int:
    for at, removed in enumerate(transcript.removed):
        if removed.words[0].id == word:
            return at
    advice = f"none removed from transcript {transcript.id} begins with this word"
    raise NotFound("removed text", word, advice)


def _pieces(transcript: Transcript, removed: Removed) -> list[Piece]:
    """The segments that a removed text becomes, by the turns it lies in."""
    words: Sequence[Word] = removed.words
    if not all(word.speaker for word in words):
        words = assign_speakers(words, transcript.exclusive_turns, transcript.turns)
    span = covering(words)
    whole = Segment(words[0].start, span.end, tuple(words))
    return [Piece(segment=segment) for segment in split_by_speaker(whole)]


def _place(transcript: Transcript, new: Segment) -> int:
    """The number that a segment gets by its time."""
    for number, segment in enumerate(transcript.segments):
        if segment.start > new.start:
            return number
    return len(transcript.segments)


def _segments_of(transcript: Transcript, operation: Withdraw) -> list[int]:
    """Numbers of the segments that these words make up."""
    wanted = set(operation.words)
    found = []
    for number, segment in enumerate(transcript.segments):
        if any(word.id in wanted for word in segment.words):
            found.append(number)
    words = [word.id for number in found for word in transcript.segments[number].words]
    for missing in wanted.difference(words):
        run_of(transcript, [missing])
    if len(words) != len(wanted) or not found:
        raise InvalidOption("only whole segments can be removed again")
    return found
