"""Sound that goes with the words that were said."""

from collections import Counter
from dataclasses import replace

from trax.errors import InvalidOption
from trax.revision.operations import Delete, Operation, Silence, Together, Unsilence
from trax.revision.places import run_of
from trax.revision.reasons import REASONS
from trax.revision.words import delete_undoing, words_deleted
from trax.transcript import Span, Transcript


def deleted(transcript: Transcript, operation: Delete) -> Transcript:
    """The transcript without some words, and without their sound if that is asked for.

    Raises:
        NotFound: there is no such word.
        InvalidOption: they do not stand side by side in one segment.
    """
    left = words_deleted(transcript, operation)
    if not operation.silenced:
        return left
    return silenced(left, Silence(spans=(_said(transcript, operation),)))


def deleted_undoing(transcript: Transcript, operation: Delete) -> Operation:
    """What puts words and sound in again."""
    back = delete_undoing(transcript, operation)
    if not operation.silenced:
        return back
    heard = Unsilence(spans=(_said(transcript, operation),))
    return Together(operations=(heard, back))


def silenced(transcript: Transcript, operation: Silence) -> Transcript:
    """The transcript with less sound.

    Raises:
        InvalidOption: none is named.
    """
    if not operation.spans:
        raise InvalidOption("no silence is named")
    spans = (*transcript.silenced, *operation.spans)
    return replace(transcript, silenced=tuple(sorted(spans, key=_order)))


def unsilenced(transcript: Transcript, operation: Unsilence) -> Transcript:
    """The transcript with sound that had gone.

    Raises:
        InvalidOption: it is not silenced so, or none is named.
    """
    if not operation.spans:
        raise InvalidOption("no silence is named")
    left = Counter(transcript.silenced)
    for span in operation.spans:
        if not left[span]:
            stretch = {"start": f"{span.start:.3f}", "end": f"{span.end:.3f}"}
            raise InvalidOption(REASONS.say("not-silenced", **stretch))
        left[span] -= 1
    return replace(transcript, silenced=tuple(left.elements()))


def _order(span: Span) -> tuple[float, float]:
    return span.start, span.end


def _said(transcript: Transcript, operation: Delete) -> Span:
    """From the first to the last moment of the words."""
    number, run = run_of(transcript, operation.words)
    words = transcript.segments[number].words[run.start : run.stop]
    return Span(min(word.start for word in words), max(word.end for word in words))
