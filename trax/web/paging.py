"""Lists in pages: a cursor says where the next page begins."""

import base64
import binascii
from datetime import datetime

from trax.errors import InvalidOption

LARGEST = 200
"""Entries on a page."""

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
        padded = text + "=" * (-len(text) % 4)
        moment, _, key = base64.urlsafe_b64decode(padded).decode().partition("|")
        return datetime.fromisoformat(moment), key
    except (binascii.Error, ValueError) as error:
        raise InvalidOption("the cursor is not one that this service gave") from error
