"""What a language model did to a transcript, undone."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from trax.errors import InvalidOption, NotFound
from trax.revision.places import tallied
from trax.transcript import Edit, Segment, Transcript, Word, identified, joined_text
from trax.transcript.identity import former_words


def undone(transcript: Transcript, numbers: Iterable[int] = ()) -> Transcript:
    """The transcript with what was there before edits; the first is 1, and no *numbers* are all
    edits that were made.

    Words that became others have their former text again. Where their number differs they share
    the time by letters, since the times of the former words were not kept.

    Raises:
        NotFound: no edit with such a number was made.
        InvalidOption: its words were changed once more, or moved apart.
    """
    wanted = _wanted(transcript, set(numbers))
    transcript = identified(transcript)
    enhancement = transcript.enhancement
    if enhancement is None:
        return transcript
    page = _Page(transcript.segments)
    for number in sorted(wanted, reverse=True):
        if not page.take_back(enhancement.edits[number - 1]):
            raise InvalidOption(
                f"edit {number} cannot be undone alone: its words were changed again since"
            )
    kept = [edit for number, edit in enumerate(enhancement.edits, start=1) if number not in wanted]
    enhancement = replace(enhancement, edits=tuple(kept))
    return tallied(replace(transcript, segments=tuple(page.segments), enhancement=enhancement))


def _wanted(transcript: Transcript, numbers: set[int]) -> set[int]:
    edits = transcript.enhancement.edits if transcript.enhancement else ()
    made = {number for number, edit in enumerate(edits, start=1) if not edit.rejected}
    unknown = numbers - made
    if unknown or not made:
        missing = str(min(unknown)) if unknown else "any"
        raise NotFound("edit that was made", missing)
    return numbers or made


class _Page:
    """Segments while edits are taken back, and which of them holds each word."""

    def __init__(self, segments: Iterable[Segment]) -> None:
        self.segments = list(segments)
        self._holding: dict[str, int] = {}
        for number, segment in enumerate(self.segments):
            self._holding |= {word.id: number for word in segment.words}

    def take_back(self, edit: Edit) -> bool:
        """Put back what stood there before *edit*; whether its words are as it had made them."""
        words = self._words(edit.words)
        if not words or joined_text(words) != edit.after:
            return False
        former = former_words(words, edit.before, self._holding)
        if len(former) == len(words):
            self._replace(former)
            return True
        return self._put(words, former)

    def _words(self, ids: Sequence[str]) -> list[Word]:
        """The words with these ids; none if one is missing or they stand in another order."""
        numbers = sorted({self._holding[name] for name in ids if name in self._holding})
        words = [word for number in numbers for word in self.segments[number].words]
        found = [word for word in words if word.id in ids]
        return found if [word.id for word in found] == list(ids) else []

    def _replace(self, words: Iterable[Word]) -> None:
        """Put words in the place of those with the same ids."""
        for word in words:
            number = self._holding[word.id]
            segment = self.segments[number]
            new = tuple(word if each.id == word.id else each for each in segment.words)
            self.segments[number] = replace(segment, words=new)

    def _put(self, words: Sequence[Word], former: Sequence[Word]) -> bool:
        """Put other words in the place of *words*, if these stand side by side in one segment."""
        number = self._holding[words[0].id]
        old = self.segments[number].words
        first = old.index(words[0])
        past = first + len(words)
        if old[first:past] != tuple(words):
            return False
        new = (*old[:first], *former, *old[past:])
        self.segments[number] = replace(self.segments[number], words=new)
        for word in words:
            del self._holding[word.id]
        self._holding |= {word.id: number for word in former}
        return True
