"""What people do to a shared document, as pages do it."""

import secrets
from dataclasses import dataclass, field
from random import Random
from typing import Any

from pycrdt import Doc, Text

from trax.coediting import documents

WORDS = ["red", "green", "um", "Köln", "1st", "and so", "x"]
LABELS = ["SPEAKER_00", "SPEAKER_01", ""]


def copies(rooms: dict[str, Doc[Any]]) -> dict[str, Doc[Any]]:
    """The same document at another place."""
    made: dict[str, Doc[Any]] = {}
    for name, doc in rooms.items():
        made[name] = Doc()
        made[name].apply_update(doc.get_update())
    return made


def synced(one: dict[str, Doc[Any]], other: dict[str, Doc[Any]]) -> None:
    """Both have what either has."""
    for name, doc in one.items():
        doc.apply_update(other[name].get_update(doc.get_state()))
        other[name].apply_update(doc.get_update(other[name].get_state()))


def said(rooms: dict[str, Doc[Any]]) -> str:
    """The text as people see it."""
    parts = documents.parts_of(rooms)
    return "".join(str(documents.text_of(rooms[name])) for name in parts)


def at(text: str, place: int) -> int:
    """A place in characters as `pycrdt` counts."""
    return len(text[:place].encode())


@dataclass
class Page:
    """Somebody's copy, and what they do to it at random.

    Attributes:
        gives_ids: whether words that they type get an id from them.
        name: with one, each word that they type is like no other.
        typed: these words.
        touched: those words, of anybody, in which they changed something.
    """

    rooms: dict[str, Doc[Any]]
    random: Random
    gives_ids: bool = True
    name: str = ""
    typed: list[str] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)

    def act(self) -> None:
        """One thing of all that people do."""
        room = self.random.choice(documents.parts_of(self.rooms))
        text = documents.text_of(self.rooms[room])
        shown = str(text)
        self.random.choice([self.type, self.type, self.delete, self.split, self.join, self.give])(
            text, shown
        )

    def type(self, text: Text, shown: str) -> None:
        """Letters or words somewhere."""
        place = self.random.randrange(len(shown) + 1)
        new = self.random.choice([*WORDS, "a", "b", f" {self.random.choice(WORDS)} "])
        if self.name:
            self.typed.append(f"{self.name}{len(self.typed)}z")
            new = f" {self.typed[-1]} "
        self._touch(shown, place, place)
        first = at(shown, place)
        text.insert(first, new)
        if self.gives_ids and new.startswith(" "):
            name = secrets.token_hex(6)
            start = first + 1
            text.format(start, start + len(new.strip().encode()), {"w": name})

    def delete(self, text: Text, shown: str) -> None:
        """A few letters, or many."""
        if shown:
            start = self.random.randrange(len(shown))
            end = min(len(shown), start + self.random.choice([1, 1, 3, 8, 30]))
            self._touch(shown, start, end)
            del text[at(shown, start) : at(shown, end)]

    def split(self, text: Text, shown: str) -> None:
        """Enter."""
        place = self.random.randrange(len(shown) + 1)
        self._touch(shown, place, place)
        text.insert(at(shown, place), "\n", {})

    def join(self, text: Text, shown: str) -> None:
        """Backspace at the beginning of a line."""
        breaks = [place for place, letter in enumerate(shown) if letter == "\n"]
        if breaks:
            chosen = self.random.choice(breaks)
            self._touch(shown, chosen, chosen + 1)
            place = at(shown, chosen)
            del text[place : place + 1]

    def give(self, text: Text, shown: str) -> None:
        """A line to another speaker."""
        breaks = [place for place, letter in enumerate(shown) if letter == "\n"]
        if breaks:
            place = at(shown, self.random.choice(breaks))
            text.format(place, place + 1, {"s": self.random.choice(LABELS)})

    def _touch(self, shown: str, start: int, end: int) -> None:
        """Note the words in which something changes."""
        while start > 0 and not shown[start - 1].isspace():
            start -= 1
        while end < len(shown) and not shown[end].isspace():
            end += 1
        self.touched.update(shown[start:end].split())
