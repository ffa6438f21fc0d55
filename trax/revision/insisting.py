"""Operations whose words a new version lacks, done by time where people insist on them."""

from dataclasses import replace

from trax.errors import InvalidOption
from trax.revision.operations import Delete, Insert, Operation, Relabel, Replace, Split, Together
from trax.revision.rebase import Misfit
from trax.transcript import Segment, Span, Transcript, Word


def insisted(misfit: Misfit, new: Transcript) -> Operation:
    """The operation on what *new* has at the time of the words that it was about.

    Raises:
        InvalidOption: nothing is said there, or it cannot be done by time.
    """
    operation, span = misfit.operation, misfit.span
    if span is None:
        raise InvalidOption(_BY_HAND)
    here = _words_at(new, span)
    match operation:
        case Replace():
            return _replaced(operation, here)
        case Delete():
            return replace(operation, words=tuple(word.id for word in here), span=None)
        case Relabel():
            (label, *_) = operation.labels
            return Relabel(labels=tuple(replace(label, word=word.id) for word in here))
        case Insert():
            return _inserted(operation, here)
        case Split():
            return Split(before=here[0].id)
        case _:
            raise InvalidOption(_BY_HAND)


_BY_HAND = "this can only be done by hand"


def _words_at(new: Transcript, span: Span) -> list[Word]:
    """The words of one segment that are said then."""
    for segment in new.segments:
        found = _among(segment, span)
        if found:
            return found
    raise InvalidOption(f"nothing is said at {span.start:.3f} s any more")


def _among(segment: Segment, span: Span) -> list[Word]:
    at = [number for number, word in enumerate(segment.words) if _is_at(word, span)]
    return list(segment.words[at[0] : at[-1] + 1]) if at else []


def _is_at(word: Word, span: Span) -> bool:
    return span.start <= word.middle <= span.end or word.start <= span.middle <= word.end


def _replaced(operation: Replace, here: list[Word]) -> Operation:
    first = replace(operation, word=here[0].id)
    if len(here) == 1:
        return first
    others = Delete(words=tuple(word.id for word in here[1:]))
    return Together(operations=(first, others))


def _inserted(operation: Insert, here: list[Word]) -> Operation:
    """Between the words there, at their time."""
    if operation.after:
        last = here[-1]
        words = tuple(replace(w, start=last.end, end=last.end) for w in operation.words)
        return Insert(words=words, after=last.id)
    words = tuple(replace(w, start=here[0].start, end=here[0].start) for w in operation.words)
    return Insert(words=words, before=here[0].id)
