"""When typed words were said, by the sound around the place where they were put."""

from collections.abc import Sequence
from statistics import median
from typing import Protocol

from trax.audio import Waveform
from trax.transcript import Span, Word

_PAUSE = 0.25  # seconds after a word: less is no pause


class Aligner(Protocol):
    """Finds where known text is said."""

    def align(self, window: Waveform, texts: Sequence[str], language: str) -> list[Span]:
        """Where each of *texts* is said in a window of at most 30 s, seconds from its start.

        Raises:
            ModelUnavailable: the model cannot be loaded.
            EngineError: alignment failed.
        """


def typed_spans(
    aligner: Aligner,
    window: Waveform,
    neighbours: tuple[Sequence[Word], Sequence[Word]],
    texts: Sequence[str],
    room: Span,
    language: str,
) -> list[Span]:
    """Where typed *texts* are said, in order and inside *room*.

    The words on both sides are aligned, too: how far their places are from their known times is
    taken from the new words' places.

    Args:
        window: the sound of all these words.
        neighbours: the words before and after, with times in the window.
        room: between them, in the window.
    """
    before, after = neighbours
    known = [*before, *after]
    said = [*(word.text for word in before), *texts, *(word.text for word in after)]
    found = aligner.align(window, [f" {text}" for text in said], language)
    new = found[len(before) : len(before) + len(texts)]
    others = [*found[: len(before)], *found[len(before) + len(texts) :]]
    late = [place.start - word.start for place, word in zip(others, known, strict=True)]
    shift = median(late) if late else 0.0
    return _within(room, [Span(_moved(each.start, shift), _moved(each.end, shift)) for each in new])


def _moved(time: float, shift: float) -> float:
    return max(0.0, time - shift)


def _within(room: Span, spans: Sequence[Span]) -> list[Span]:
    """The spans inside *room*, none beginning before the one in front of it.

    A first word that follows the word before closely begins where that one ends.
    """
    found: list[Span] = []
    start = room.start
    for at, span in enumerate(spans):
        follows = at == 0 and span.start < room.start + _PAUSE
        start = start if follows else min(max(start, span.start), room.end)
        end = min(max(start, span.end), room.end)
        found.append(Span(start, end))
    return found
