"""Lists in pages: a cursor says where the next page begins."""

import base64
import binascii
from datetime import datetime

from trax.errors import InvalidOption

LARGEST = 200
"""Entries on a page."""

_FOREIGN = "the cursor is not one that this service gave"

Place = tuple[datetime, str]
"""Time and id of an entry."""


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


def number_cursor(number: int) -> str:
    """The cursor of the page that comes after the entry with that number.

    >>> read_number(number_cursor(12))
    12
    """
    return base64.urlsafe_b64encode(f"n{number}".encode()).decode().rstrip("=")


def read_number(text: str) -> int | None:
    """The number that a cursor stands for; ``None`` if it is empty.

    Raises:
        InvalidOption: it is none of ours.
    """
    if not text:
        return None
    try:
        decoded = _decoded(text)
    except (binascii.Error, ValueError) as error:
        raise InvalidOption(_FOREIGN) from error
    if decoded[:1] != "n" or not decoded[1:].isdecimal():
        raise InvalidOption(_FOREIGN)
    return int(decoded[1:])


def _decoded(text: str) -> str:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
