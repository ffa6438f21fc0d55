"""Edits in the text of a shared document, which lies in parts."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pycrdt import Doc, Text

from trax.coediting.documents import parts_of, text_of

Attributes = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is done at one place of the whole text, in characters.

    Attributes:
        end: of the letters that are deleted or get other attributes.
        is_kept: whether they stay, with the attributes.
        text: that is put in instead.
    """

    start: int
    end: int
    text: str = ""
    attributes: Attributes = field(default_factory=dict)
    is_kept: bool = False


class Writer:
    """Edits the whole text, each edit in the part where it belongs. Edits come from the end.

    Args:
        rooms: the document's.
    """

    def __init__(self, rooms: Mapping[str, Doc[Any]]) -> None:
        self._texts: list[Text] = [text_of(rooms[name]) for name in parts_of(rooms)]
        self._shown = [str(text) for text in self._texts]
        self._starts = [0]
        for shown in self._shown:
            self._starts.append(self._starts[-1] + len(shown))

    def edit(self, edits: Sequence[Edit]) -> None:
        """Make edits that do not overlap; of those at one place the last one stands last."""
        for edit in reversed(edits):
            for number, start, end in reversed(self._pieces(edit)):
                text = self._texts[number]
                first, past = self._bytes(number, start), self._bytes(number, end)
                if edit.is_kept:
                    text.format(first, past, dict(edit.attributes))
                elif past > first:
                    del text[first:past]
            if edit.text:
                self._put(edit)

    def _put(self, edit: Edit) -> None:
        """Put text behind what stands before it."""
        number = max(0, bisect_left(self._starts, edit.start) - 1)
        number = min(number, len(self._texts) - 1)
        at = self._bytes(number, edit.start - self._starts[number])
        self._texts[number].insert(at, edit.text, dict(edit.attributes))

    def _pieces(self, edit: Edit) -> list[tuple[int, int, int]]:
        """The number of each part that an edit touches, with where in it."""
        found = []
        at = edit.start
        while at < edit.end:
            number = bisect_right(self._starts, at) - 1
            start = self._starts[number]
            end = min(edit.end, self._starts[number + 1])
            found.append((number, at - start, end - start))
            at = end
        return found

    def _bytes(self, number: int, at: int) -> int:
        return len(self._shown[number][:at].encode())
