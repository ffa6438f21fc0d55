"""Lists in pages: a cursor says where the next page begins."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Query

from trax.errors import InvalidOption

LARGEST = 200
"""Entries on a page."""

Limit = Annotated[int, Query(ge=1, le=LARGEST)]
Cursor = Annotated[str, Query(alias="cursor", description="`next_cursor` of a page.")]

Entry = TypeVar("Entry")

_MOST = 1_000_000_000
_FOREIGN = "the cursor is not one that this service gave"

Place = tuple[datetime, str]
"""Time and id of an entry."""


def page_of(found: Sequence[Entry], limit: int) -> tuple[Sequence[Entry], Entry | None]:
    """What is on a page, and the entry that the next page comes after; ``None`` on the last page.

    Args:
        found: one entry more than *limit* if there are others.

    >>> page_of("abc", 2), page_of("ab", 2)
    (('ab', 'b'), ('ab', None))
    """
    return found[:limit], found[limit - 1] if len(found) > limit else None


def cursor(place: Place) -> str:
    """The cursor of the page that comes after the entry at *place*.

    >>> read_cursor(cursor((datetime(2026, 5, 4, 3, 2, 1), "a|b")))
    (datetime.datetime(2026, 5, 4, 3, 2, 1), 'a|b')
    """
    moment, key = place
    return base64.urlsafe_b64encode(f"{moment.isoformat()}|{key}".encode()).decode().rstrip("=")


def read_cursor(text: str) -> Place | None:
    """The place that a cursor stands for; ``None`` if it is empty.

    Raises:
        InvalidOption: it is none of ours.
    """
    if not text:
        return None
    try:
        moment, _, key = _decoded(text).partition("|")
        return datetime.fromisoformat(moment), key
    except (binascii.Error, ValueError) as error:
        raise InvalidOption(_FOREIGN) from error


def number_cursor(*numbers: int) -> str:
    """The cursor of the page that comes after the entry with these numbers.

    >>> read_numbers(number_cursor(12, 5), 2)
    (12, 5)
    """
    text = "n" + ".".join(map(str, numbers))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_numbers(text: str, count: int) -> tuple[int, ...] | None:
    """The *count* numbers that a cursor stands for; ``None`` if it is empty.

    Raises:
        InvalidOption: it is none of ours.
    """
    if not text:
        return None
    try:
        decoded = _decoded(text)
        numbers = tuple(int(each) for each in decoded[1:].split("."))
    except (binascii.Error, ValueError) as error:
        raise InvalidOption(_FOREIGN) from error
    if decoded[:1] != "n" or len(numbers) != count:
        raise InvalidOption(_FOREIGN)
    if not all(0 <= number < _MOST for number in numbers):
        raise InvalidOption(_FOREIGN)
    return numbers


def _decoded(text: str) -> str:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
