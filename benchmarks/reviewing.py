"""A simulated reviewer: what each place of a queue mends, and how many keys that takes.

Texts are compared as they are scored: normalised, without case and punctuation, in both ways of
correcting.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz.distance import Levenshtein

from benchmarks.hands import clicked, jumps, overwritten, written
from benchmarks.spoken import Spoken
from trax.scoring.words import normaliser
from trax.service.places import Place, queue
from trax.transcript import Transcript, Word, joined_text

_PAUSING = 2  # keys to pause where something is wrong, and to play on

Tokens = list[str]


@dataclass(frozen=True, slots=True)
class Step:
    """A place of the queue, once it was heard.

    Attributes:
        rank: places with the smallest come first.
        start: when it is said.
        words: in it.
        wrong: of them.
        seconds: that it takes.
        mends: word errors fewer afterwards.
        offered: word errors fewer by the best of the readings that it offers.
        typing: keys to type what was said, if it is typed.
        keys: to accept it, to take a reading, or to type what was said.
        objecting: the same for whoever listens, and presses nothing where it is right.
    """

    rank: tuple[float, float]
    start: float
    words: int
    wrong: int
    seconds: float
    mends: int
    offered: int
    typing: int
    keys: int
    objecting: int

    @property
    def is_right(self) -> bool:
        """Whether there is nothing to mend."""
        return self.mends == 0


@dataclass(frozen=True, slots=True)
class Plain:
    """The same recording corrected in a text box, from its start to its end.

    Attributes:
        mends: word errors fewer.
        going: keys to go to the errors.
        pausing: keys to pause there, and to play on.
        typing: keys to type.
        pointing: keys and clicks with a pointer: a click to go there, and the typing.
    """

    mends: int
    going: int
    pausing: int
    typing: int
    pointing: int

    @property
    def keys(self) -> int:
        """By keyboard alone."""
        return self.going + self.pausing + self.typing


@dataclass(frozen=True, slots=True)
class Draft:
    """A transcript beside what was said.

    Attributes:
        wrong: for each word, whether it is.
    """

    spoken: Spoken
    transcript: Transcript
    wrong: Sequence[bool]

    def tokens(self, words: Sequence[Word]) -> Tokens:
        """Words as they are scored."""
        return normaliser(self.spoken.language)(joined_text(words)).split()

    def said(self) -> Tokens:
        """What was said, as it is scored."""
        return normaliser(self.spoken.language)(self.spoken.text).split()


class Alignment:
    """Which words of the reference stand in place of which recognised ones."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self._words = draft.transcript.words
        self._number = {word.id: at for at, word in enumerate(self._words)}
        self._said = draft.said()
        self._errors = self._distance(self._words)
        self._known: dict[tuple[range, str], int] = {}
        self._tokens: Tokens = []
        self._begins: list[int] = []
        for word in self._words:
            self._begins.append(len(self._tokens))
            self._tokens.extend(draft.tokens([replace(word, joined=False)]))
        self._begins.append(len(self._tokens))
        self._edits = Levenshtein.opcodes(self._tokens, self._said)

    def steps(self, levels: Sequence[float], near: int) -> list[Step]:
        """What reviewing each place of the queue brings."""
        places = queue(self.draft.transcript, {}, levels, near)
        return [self._step(place, levels) for place in places if place.kind == "words"]

    def _step(self, place: Place, levels: Sequence[float]) -> Step:
        first = self._number[place.words[0]]
        run = range(first, first + len(place.words))
        truth = self._truth(run)
        mends = max(0, self._mended(run, truth))
        readings = [self._mended(run, text) for text in place.readings]
        offered = max([0, *readings])
        now = " ".join(self.draft.tokens(self._words[run.start : run.stop]))
        is_at_hand = mends == 0 or offered >= mends
        digits = len(place.readings)
        return Step(
            rank=(levels[place.level], -place.expected_errors / place.seconds),
            start=place.start,
            words=len(run),
            wrong=sum(self.draft.wrong[run.start : run.stop]),
            seconds=place.seconds,
            mends=mends,
            offered=min(offered, mends),
            typing=0 if is_at_hand else written(now, truth),
            keys=1 if is_at_hand else 2 + written(now, truth),
            objecting=int(mends > 0) if is_at_hand else _objecting(now, truth, digits),
        )

    def plain(self) -> Plain:
        """What correcting all takes in a text box."""
        disputes = _disputes(self._edits)
        going = typing = pointing = past = 0
        for begin, end, said_begin, said_end in disputes:
            now = " ".join(self._tokens[begin:end])
            text = " ".join(self._said[said_begin:said_end])
            going += jumps(begin - past)
            typing += written(now, text)
            pointing += clicked(now, text)
            past = end
        pausing = _PAUSING * len(disputes)
        return Plain(self._errors, going, pausing, typing, pausing + pointing)

    def _truth(self, run: range) -> str:
        """What was said in place of some words; with what is missing beside them."""
        begin, end = self._begins[run.start], self._begins[run.stop]
        low, high = len(self._said), 0
        for edit in self._edits:
            if edit.src_end < begin or edit.src_start > end:
                continue
            if edit.src_start == edit.src_end:
                low, high = min(low, edit.dest_start), max(high, edit.dest_end)
                continue
            first, last = max(begin, edit.src_start), min(end, edit.src_end)
            shift = edit.dest_start - edit.src_start
            is_gone = edit.dest_start == edit.dest_end
            low = min(low, edit.dest_start if is_gone else first + shift)
            high = max(high, edit.dest_end if is_gone else last + shift)
        return " ".join(self._said[low:high])

    def _mended(self, run: range, text: str) -> int:
        """Errors fewer with another text for some words."""
        if (run, text) not in self._known:
            new = [replace(self._words[run.start], text=text, joined=False)] if text else []
            words = [*self._words[: run.start], *new, *self._words[run.stop :]]
            self._known[run, text] = self._errors - self._distance(words)
        return self._known[run, text]

    def _distance(self, words: Sequence[Word]) -> int:
        return int(Levenshtein.distance(self._said, self.draft.tokens(words)))


def _objecting(now: str, text: str, digits: int) -> int:
    """Keys to type in a field that is selected, and to end it; a digit that would take a reading
    needs one more.
    """
    is_taken = text[:1].isdigit() and 1 <= int(text[0]) <= digits
    return overwritten(now, text) + 1 + is_taken


def _disputes(edits: Iterable[Any]) -> list[tuple[int, int, int, int]]:
    """Runs of edits that stand side by side."""
    found: list[tuple[int, int, int, int]] = []
    for edit in edits:
        if edit.tag == "equal":
            continue
        this = (edit.src_start, edit.src_end, edit.dest_start, edit.dest_end)
        if found and found[-1][1] == this[0] and found[-1][3] == this[2]:
            before = found.pop()
            this = (before[0], this[1], before[2], this[3])
        found.append(this)
    return found
