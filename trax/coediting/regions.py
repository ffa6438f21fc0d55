"""The operations that make a few segments say what a few lines say."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from trax.coediting.archive import Archive
from trax.coediting.lines import shown
from trax.coediting.slots import Slot, pair_up, slots_of
from trax.coediting.times import Beside, timed_words
from trax.coediting.tokens import Token
from trax.revision import (
    SURE,
    Delete,
    Insert,
    Join,
    Label,
    Operation,
    Piece,
    Relabel,
    Replace,
    Split,
    apply,
    inverse,
)
from trax.revision.places import covering, piece_of, place_of
from trax.transcript import Segment, Span, Transcript, Word


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """The words of a line, and who speaks."""

    speaker: str | None
    tokens: Sequence[Token]


class Region:
    """Segments that are made to say what lines say, an operation at a time.

    Args:
        document: the segments, with the one before and the one after as they stay.
        place: of the segments in it.
        silenced: ids of words that are deleted with their sound.

    Attributes:
        operations: what was done so far, in order.
        inverse: what takes each of them back, in the same order.
        document: the segments as they are now, with what is beside them.
    """

    def __init__(
        self, document: Transcript, place: range, archive: Archive, silenced: Collection[str]
    ) -> None:
        self.operations: list[Operation] = []
        self.inverse: list[Operation] = []
        self.document = document
        self._place = place
        self._after = len(document.segments) - place.stop
        self._silenced_before = Counter(document.silenced)
        self._archive = archive
        self._silenced = silenced

    @property
    def result(self) -> slice:
        """Where the segments are in `document` now."""
        return slice(self._place.start, len(self.document.segments) - self._after)

    @property
    def newly_silenced(self) -> tuple[Span, ...]:
        """Sound that went."""
        return tuple((Counter(self.document.silenced) - self._silenced_before).elements())

    def say(self, lines: Sequence[SpokenLine], elsewhere: Collection[str]) -> None:
        """Do what it takes. Lines without words are none.

        Args:
            elsewhere: ids of words of *lines* that stand in other regions.
        """
        spoken = [line for line in lines if line.tokens]
        segments = self.document.segments[self._place.start : self._place.stop]
        base = [word for segment in segments for word in segment.words]
        slots = slots_of(base, [line.tokens for line in spoken], self._archive, elsewhere)
        pair_up(segments, slots, self._archive)
        numbered = [
            [slot for slot in slots if slot.line == number] for number in range(len(spoken))
        ]
        lead = self._lead()
        self._replace(slots)
        self._delete(base, slots)
        self._split(numbered)
        self._relabel(spoken, numbered)
        self._join(numbered)
        self._insert(spoken, numbered, lead)

    def _do(self, operation: Operation) -> None:
        self.inverse.append(inverse(self.document, operation))
        self.document = apply(self.document, operation)
        self.operations.append(operation)

    def _word(self, name: str) -> Word:
        number, at = place_of(self.document, name)
        return self.document.segments[number].words[at]

    def _lead(self) -> str:
        """The id of the last word before the region; empty if there is none."""
        for segment in reversed(self.document.segments[: self._place.start]):
            if segment.words:
                return segment.words[-1].id
        return ""

    def _replace(self, slots: Sequence[Slot]) -> None:
        for slot in slots:
            if not slot.is_kept:
                continue
            word = self._word(slot.id)
            confidence = word.confidence
            if slot.token.text != shown(word.text):
                confidence = self._archive.confidence(slot.id, slot.token.text, SURE)
            if slot.token.is_sure:
                confidence = SURE
            if slot.token.text != shown(word.text) or confidence != word.confidence:
                text = word.text if slot.token.text == shown(word.text) else slot.token.text
                self._do(Replace(word=slot.id, text=text, confidence=confidence))

    def _delete(self, base: Sequence[Word], slots: Sequence[Slot]) -> None:
        kept = {slot.id for slot in slots if slot.is_kept}
        gone = [word.id for word in base if word.id not in kept]
        for run in self._side_by_side(gone):
            silenced = all(name in self._silenced for name in run)
            self._do(Delete(words=tuple(run), silenced=silenced))

    def _side_by_side(self, names: Sequence[str]) -> list[list[str]]:
        """Ids of words that go together: of one segment, and with or without their sound."""
        runs: list[list[str]] = []
        before = (-1, -2, False)
        for name in names:
            number, at = place_of(self.document, name)
            is_silenced = name in self._silenced
            if (number, at - 1, is_silenced) == before:
                runs[-1].append(name)
            else:
                runs.append([name])
            before = (number, at, is_silenced)
        return runs

    def _split(self, lines: Sequence[Sequence[Slot]]) -> None:
        for line in lines:
            kept = [slot.id for slot in line if slot.is_kept]
            if kept and place_of(self.document, kept[0])[1]:
                self._do(Split(before=kept[0]))

    def _relabel(self, spoken: Sequence[SpokenLine], lines: Sequence[Sequence[Slot]]) -> None:
        known = {None, *(speaker.label for speaker in self.document.speakers)}
        labels: list[Label] = []
        for said, line in zip(spoken, lines, strict=True):
            if said.speaker not in known:
                continue
            kept = [slot.id for slot in line if slot.is_kept]
            others = [name for name in kept if self._word(name).speaker != said.speaker]
            labels += [self._archive.label(name, said.speaker) for name in others]
        if labels:
            self._do(Relabel(labels=tuple(labels)))

    def _join(self, lines: Sequence[Sequence[Slot]]) -> None:
        for line in lines:
            kept = [slot.id for slot in line if slot.is_kept]
            for name in kept[1:]:
                number, at = place_of(self.document, name)
                if at == 0:
                    self._join_at(number, name)

    def _join_at(self, number: int, name: str) -> None:
        first, second = self.document.segments[number - 1], self.document.segments[number]
        frame = None
        if not _in_order([*first.words, *second.words]):
            # People who speak at once can have words out of order: a frame lets them be.
            frame = _covering(piece_of(self.document, number - 1), second)
        self._do(Join(word=name, frame=frame))

    def _insert(
        self, spoken: Sequence[SpokenLine], lines: Sequence[Sequence[Slot]], lead: str
    ) -> None:
        for said, line in zip(spoken, lines, strict=True):
            if any(slot.is_kept for slot in line):
                self._insert_into(line)
            else:
                self._insert_line(said.speaker, line, lead)
            lead = line[-1].id

    def _insert_into(self, line: Sequence[Slot]) -> None:
        """Put the new words of a line into the segment of its old ones."""
        run: list[Slot] = []
        before = ""
        for slot in line:
            if not slot.is_kept:
                run.append(slot)
                continue
            if run:
                self._insert_run(run, before, slot.id)
            before = slot.id
            run = []
        if run:
            self._insert_run(run, before, "")

    def _insert_run(self, run: Sequence[Slot], before: str, after: str) -> None:
        number, _ = place_of(self.document, before or after)
        previous = self._word(before) if before else None
        following = self._word(after) if after else None
        if previous and following and following.start < previous.start:
            self._append(previous, run)
            return
        beside = Beside(
            previous=previous,
            following=following,
            lead=None if before else self._last_before(number),
            limit=self._limit(number),
            floor=self._floor(number),
        )
        speaker = self.document.segments[number].speaker
        words = tuple(timed_words(run, speaker, beside, self._archive))
        if before:
            self._do(Insert(words=words, after=before))
        else:
            self._do(Insert(words=words, before=after))

    def _append(self, previous: Word, run: Sequence[Slot]) -> None:
        """Between words that are out of order no time is right: the word before says more."""
        text = previous.text
        for slot in run:
            text += slot.token.text if slot.token.joined else f" {slot.token.text}"
            slot.id = previous.id
        self._do(Replace(word=previous.id, text=text))

    def _insert_line(self, speaker: str | None, line: Sequence[Slot], lead: str) -> None:
        """Make a line without old words a segment."""
        number = place_of(self.document, lead)[0] + 1 if lead else 0
        later = [each for each in self.document.segments[number:] if each.words]
        following = later[0].words[0] if later else None
        last = self._last_before(number)
        is_after = last is None or following is None or last.start <= following.start
        limit = self.document.recording.duration
        if following is not None and is_after:
            limit = following.start
        elif last is not None:
            limit = self._limit(number - 1)
        beside = Beside(
            lead=last,
            following=following if last is None or not is_after else None,
            limit=limit,
            floor=self._floor(number),
            ceiling=following.start if following else None,
        )
        words = tuple(timed_words(line, speaker, beside, self._archive))
        frame = self._frame(line[0].id, words, speaker)
        if lead:
            self._do(Insert(words=words, after=lead, frame=frame))
        else:
            self._do(Insert(words=words, before=following.id if following else "", frame=frame))

    def _frame(self, name: str, words: Sequence[Word], speaker: str | None) -> Piece:
        """The segment that began with this word, at the times of *words*."""
        span = covering(words)
        known = self._archive.frame(name)
        segment = known.segment if known else Segment(span.start, span.end, ())
        if not (segment.start <= span.start and span.end <= segment.end):
            segment = replace(segment, start=span.start, end=span.end)
        return Piece(segment=replace(segment, speaker=speaker))

    def _last_before(self, number: int) -> Word | None:
        """The last word before a segment."""
        for segment in reversed(self.document.segments[:number]):
            if segment.words:
                return segment.words[-1]
        return None

    def _floor(self, number: int) -> float:
        """When the segment before begins, if it does so before this one."""
        starts = [each.words[0].start for each in self.document.segments[:number] if each.words]
        own = self.document.segments[number : number + 1]
        own_start = min((word.start for each in own for word in each.words[:1]), default=None)
        floor = starts[-1] if starts else 0.0
        return floor if own_start is None else min(floor, own_start)

    def _limit(self, number: int) -> float:
        """The time before which new words at the end of a segment end."""
        last = self.document.segments[number].words[-1]
        for segment in self.document.segments[number + 1 :]:
            if segment.words and segment.words[0].start >= last.start:
                return segment.words[0].start
        return max(last.end, self.document.recording.duration)


def _in_order(words: Sequence[Word]) -> bool:
    return all(one.start <= other.start for one, other in pairwise(words))


def _covering(piece: Piece, second: Segment) -> Piece:
    """A piece that has room for the next segment, too."""
    first = piece.segment
    start = min(first.start, second.start)
    end = max(first.end, second.end)
    return replace(piece, segment=replace(first, start=start, end=end, words=()))
