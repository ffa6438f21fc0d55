"""What of a recording is said again in another voice, and what is left as it is, and why."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

from trax.errors import InvalidOption
from trax.transcript import Span, Transcript, Turn, Word, joined_text
from trax.voice.nearby import Nearby

PAUSE = 0.6
"""Seconds of silence that end an utterance."""

LEAST_WORDS = 4
"""Words of the shortest utterance that is said well."""

LEAST_SECONDS = 0.8
"""Seconds of the shortest utterance that is said well."""

_LONGEST = 12.0  # seconds of an utterance; longer ones are cut at their longest pause
_JOINED = 1.5  # seconds of silence over which a fragment is joined with its neighbour
_PADDING = 0.12  # seconds before and after the words that are replaced with them, if silent
_REACH = 0.4  # seconds before and after words in which their sound may begin and end
_MARGIN = 0.1  # seconds that stay silent before the next sound
_FARTHEST = 1.0  # seconds that speech may go on after the place of its words
_AT_ONCE = 0.1  # seconds of somebody else's speech that count


class Why(StrEnum):
    """Why words are left as they were."""

    OVERLAP = "overlap"
    """Somebody else speaks at the same time."""
    SHORT = "short"
    """Too little to be said well, and too far from what is said before and after."""
    CHOSEN = "chosen"
    """Somebody chose so."""
    WRONG = "wrong"
    """What was synthesised could not be understood, in any try."""
    LONG = "long"
    """What was synthesised does not fit into its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """Words that one speaker says without a break, to be said again.

    Attributes:
        id: of its first word.
        speaker: opaque label.
        text: what is to be said.
        words: as they were said, with their times.
        place: what is replaced: the words, and some silence around them.
        room: seconds after the place in which nobody speaks.
        reach: the place, and the nearer half of the silence around it: words may begin before or
            end after the times that recognition gives them.
        sound: from the first sound of the words to the last one; ``None`` where nobody listened.
        personal: whether something personal was taken out of the text: where it cannot be said, the
            place is silent.
    """

    id: str
    speaker: str
    text: str
    words: tuple[Word, ...]
    place: Span
    room: float
    reach: Span
    sound: Span | None = None
    personal: bool = False

    @property
    def span(self) -> Span:
        """From the first sound to the last one, or from the first word to the last one."""
        words = Span(self.words[0].start, max(word.end for word in self.words))
        return self.sound or words

    @property
    def slack(self) -> float:
        """Seconds after the last sound in which nobody else speaks."""
        return self.place.end + self.room - self.span.end

    def sounding(self, sound: Span) -> "Utterance":
        """The utterance with its *sound*, which its place has, with some silence around it."""
        start = max(self.reach.start, sound.start - _PADDING)
        end = min(self.reach.end, sound.end + _PADDING)
        room = max(0.0, self.room - (end - self.place.end))
        return replace(self, sound=sound, place=Span(start, end), room=room)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Words that are not replaced.

    Attributes:
        id: of the first word.
        text: what is said.
        seconds: in which somebody else speaks as well.
        personal: whether something personal was taken out of the text: the place is silent.
    """

    id: str
    speaker: str
    start: float
    end: float
    text: str
    why: Why
    seconds: float = 0.0
    personal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is to be said again, by start; and what is not.

    Attributes:
        language: code of what is spoken.
        names: of the speakers that are replaced, by label, as people see them.
    """

    language: str
    names: dict[str, str]
    utterances: tuple[Utterance, ...]
    left: tuple[Left, ...]

    @property
    def places(self) -> tuple[Span, ...]:
        """Where something may be replaced: utterances, and words that are left."""
        found = [each.place for each in self.utterances]
        found += [Span(each.start, each.end) for each in self.left]
        return tuple(sorted(found, key=lambda place: (place.start, place.end)))


def selected(transcript: Transcript, speakers: Collection[str]) -> Selection:
    """The utterances of *speakers*, which are labels, and what of theirs is left as it is.

    Words at which somebody else speaks are left. What is too short to be said well is joined with
    what the same speaker says before or after, or left.
    """
    words = sorted(transcript.words, key=lambda word: (word.start, word.end))
    found: list[list[Word]] = []
    left: list[Left] = []
    turns = {label: Nearby(_turns_of_others(transcript, label)) for label in sorted(speakers)}
    for label, others in turns.items():
        for run in _runs(words, label):
            for shared, some in _by_overlap(run, others):
                if shared:
                    left.append(_left(some, Why.OVERLAP, others))
                else:
                    found += _cut(some)
    heard = Nearby(words)
    found, short = _joined(sorted(found, key=lambda some: some[0].start), heard)
    left += [_left(some, Why.SHORT) for some in short]
    duration = transcript.recording.duration
    utterances = [_placed(some, heard, turns[some[0].speaker or ""], duration) for some in found]
    return Selection(
        language=transcript.language,
        names={label: transcript.display_name(label) for label in sorted(speakers)},
        utterances=tuple(utterances),
        left=tuple(sorted(left, key=lambda each: (each.start, each.id))),
    )


def with_texts(selection: Selection, texts: Mapping[str, str]) -> Selection:
    """A selection with other *texts* for some utterances, by their ids; those whose text is empty
    are left as they were.

    Raises:
        InvalidOption: there is no utterance with such an id.
    """
    known = {each.id for each in selection.utterances}
    known |= {each.id for each in selection.left}
    for name in texts:
        if name not in known:
            raise InvalidOption(f"the text has an utterance {name!r} that the recording has not")
    kept = []
    left = list(selection.left)
    for each in selection.utterances:
        text = " ".join(texts.get(each.id, each.text).split())
        if text:
            kept.append(replace(each, text=text))
        else:
            left.append(left_out(each, Why.CHOSEN))
    left.sort(key=lambda each: (each.start, each.id))
    return replace(selection, utterances=tuple(kept), left=tuple(left))


def left_out(utterance: Utterance, why: Why) -> Left:
    """The words of an utterance as words that are left."""
    left = replace(_left(utterance.words, why), id=utterance.id)
    if not utterance.personal:
        return left
    return replace(left, text=utterance.text, personal=True)


def _turns_of_others(transcript: Transcript, label: str) -> list[Turn]:
    return [turn for turn in transcript.turns if turn.speaker != label]


def _runs(words: Sequence[Word], label: str) -> Iterator[list[Word]]:
    """What a speaker says until somebody else does, or until a pause."""
    for speaker, some in groupby(words, key=lambda word: word.speaker):
        if speaker != label:
            continue
        run: list[Word] = []
        for word in some:
            if run and word.start - run[-1].end >= PAUSE:
                yield run
                run = []
            run.append(word)
        yield run


def _by_overlap(run: list[Word], others: Nearby) -> Iterator[tuple[bool, list[Word]]]:
    for shared, some in groupby(run, key=lambda word: others.overlap(word) >= _AT_ONCE):
        yield shared, list(some)


def _cut(run: list[Word]) -> list[list[Word]]:
    """A run in parts that are short enough, cut where the pause is longest."""
    if run[-1].end - run[0].start <= _LONGEST or len(run) < 2 * LEAST_WORDS:
        return [run]
    places = range(LEAST_WORDS, len(run) - LEAST_WORDS + 1)
    at = max(places, key=lambda place: _goodness(run, place))
    return [*_cut(run[:at]), *_cut(run[at:])]


def _goodness(run: list[Word], place: int) -> tuple[float, bool, float]:
    """How good it is to cut before the word at *place*: where there is a pause, at the end of a
    sentence, near the middle.
    """
    before, after = run[place - 1], run[place]
    pause = round(max(0.0, after.start - before.end), 1)
    middle = (run[0].start + run[-1].end) / 2
    return pause, before.text.endswith((".", "?", "!")), -abs(after.start - middle)


def _joined(found: list[list[Word]], words: Nearby) -> tuple[list[list[Word]], list[list[Word]]]:
    """Utterances with fragments joined to their neighbours, and fragments that are left."""
    parts = [list(each) for each in found]
    short: list[list[Word]] = []
    first = 0
    while (at := _next_fragment(parts, first)) is not None:
        first = at
        to = _neighbour(parts, at, words)
        fragment = parts.pop(at)
        if to is None:
            short.append(fragment)
            continue
        to -= to > at
        parts[to] = sorted(parts[to] + fragment, key=lambda word: word.start)
    return parts, short


def _next_fragment(parts: Sequence[Sequence[Word]], first: int) -> int | None:
    fragments = (at for at in range(first, len(parts)) if _is_fragment(parts[at]))
    return next(fragments, None)


def _is_fragment(some: Sequence[Word]) -> bool:
    return len(some) < LEAST_WORDS or some[-1].end - some[0].start < LEAST_SECONDS


def _neighbour(parts: Sequence[Sequence[Word]], at: int, words: Nearby) -> int | None:
    """The nearer part, before or after, that a fragment can be joined with."""
    here = Span(parts[at][0].start, parts[at][-1].end)
    near: list[tuple[float, int]] = []
    for other in (at - 1, at + 1):
        if not 0 <= other < len(parts) or parts[other][0].speaker != parts[at][0].speaker:
            continue
        there = Span(parts[other][0].start, parts[other][-1].end)
        length = max(here.end, there.end) - min(here.start, there.start)
        apart = here.distance(there)
        is_near = apart <= _JOINED and length <= _LONGEST + _JOINED
        if is_near and not _is_broken(here, there, words):
            near.append((apart, other))
    return min(near)[1] if near else None


def _is_broken(here: Span, there: Span, words: Nearby) -> bool:
    """Whether something that is not replaced is said between the two."""
    start, end = min(here.end, there.end), max(here.start, there.start)
    return any(start <= word.middle <= end for word in words.touching(start, end))


def _placed(some: Sequence[Word], words: Nearby, others: Nearby, recording: float) -> Utterance:
    """Words as an utterance.

    Args:
        words: of the transcript.
        others: the turns of other speakers.
        recording: seconds.
    """
    start, end = some[0].start, max(word.end for word in some)
    duration = max(end, recording)
    before = min(start, max(words.end_before(start), others.end_before(start)))
    next_start = min(words.start_from(start, some), others.start_from(start), duration)
    after = max(end, next_start)
    place = Span(
        max(0.0, start - min(_PADDING, max(0.0, start - before) / 2)),
        min(duration, end + min(_PADDING, max(0.0, after - end) / 2)),
    )
    room = min(_FARTHEST, max(0.0, after - _MARGIN - place.end))
    reach = Span(
        min(place.start, max(start - _REACH, (before + start) / 2)),
        max(place.end, min(duration, end + _REACH, (after + end) / 2)),
    )
    return Utterance(
        id=some[0].id,
        speaker=some[0].speaker or "",
        text=joined_text(some),
        words=tuple(some),
        place=place,
        room=room,
        reach=reach,
    )


def _left(some: Sequence[Word], why: Why, others: Nearby | None = None) -> Left:
    return Left(
        id=some[0].id,
        speaker=some[0].speaker or "",
        start=some[0].start,
        end=max(word.end for word in some),
        text=joined_text(some),
        why=why,
        seconds=round(sum(map(others.overlap, some)), 3) if others else 0.0,
    )
