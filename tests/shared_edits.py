"""What people do to a shared document, as pages do it."""

import secrets
from dataclasses import dataclass
from random import Random

from pycrdt import Doc

from trax.coediting import documents

WORDS = ["red", "green", "um", "Köln", "1st", "and so", "x"]
LABELS = ["SPEAKER_00", "SPEAKER_01", ""]


def copies(rooms: dict[str, Doc]) -> dict[str, Doc]:
    """The same document at another place."""
    made = {}
    for name, doc in rooms.items():
        made[name] = Doc()
        made[name].apply_update(doc.get_update())
    return made


def synced(one: dict[str, Doc], other: dict[str, Doc]) -> None:
    """Both have what either has."""
    for name, doc in one.items():
        doc.apply_update(other[name].get_update(doc.get_state()))
        other[name].apply_update(doc.get_update(other[name].get_state()))


def said(rooms: dict[str, Doc]) -> str:
    """The text as people see it."""
    parts = documents.parts_of(rooms)
    return "".join(str(documents.text_of(rooms[name])) for name in parts)


def at(text: str, place: int) -> int:
    """A place in characters as `pycrdt` counts."""
    return len(text[:place].encode())


@dataclass
class Page:
    """Somebody's copy, and what they do to it at random."""

    rooms: dict[str, Doc]
    random: Random
    gives_ids: bool = True

    def act(self) -> None:
        """One thing of all that people do."""
        room = self.random.choice(documents.parts_of(self.rooms))
        text = documents.text_of(self.rooms[room])
        shown = str(text)
        self.random.choice([self.type, self.type, self.delete, self.split, self.join, self.give])(
            text, shown
        )

    def type(self, text, shown) -> None:
        """Letters or words somewhere."""
        place = self.random.randrange(len(shown) + 1)
        new = self.random.choice([*WORDS, "a", "b", f" {self.random.choice(WORDS)} "])
        first = at(shown, place)
        text.insert(first, new)
        if self.gives_ids and new.startswith(" "):
            name = secrets.token_hex(6)
            start = first + 1
            text.format(start, start + len(new.strip().encode()), {"w": name})

    def delete(self, text, shown) -> None:
        """A few letters, or many."""
        if shown:
            start = self.random.randrange(len(shown))
            end = min(len(shown), start + self.random.choice([1, 1, 3, 8, 30]))
            del text[at(shown, start) : at(shown, end)]

    def split(self, text, shown) -> None:
        """Enter."""
        text.insert(at(shown, self.random.randrange(len(shown) + 1)), "\n", {})

    def join(self, text, shown) -> None:
        """Backspace at the beginning of a line."""
        breaks = [place for place, letter in enumerate(shown) if letter == "\n"]
        if breaks:
            place = at(shown, self.random.choice(breaks))
            del text[place : place + 1]

    def give(self, text, shown) -> None:
        """A line to another speaker."""
        breaks = [place for place, letter in enumerate(shown) if letter == "\n"]
        if breaks:
            place = at(shown, self.random.choice(breaks))
            text.format(place, place + 1, {"s": self.random.choice(LABELS)})
