"""Places where recordings are dropped: what a folder and a bucket have in common."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, Protocol

from trax.audio import SUFFIXES

Outcome = Literal["done", "failed"]
OUTCOMES: tuple[Outcome, ...] = ("done", "failed")
"""Folders in the watched one, where recordings are put away."""

_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".download", ".filepart", ".!ut", "~")
"""How programs name files that they have not finished."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A recording in a place.

    Attributes:
        path: below the place, with ``/``.
        stamp: differs if the file has changed; the same if it was only renamed.
        whole: whether nothing will be added to it, as its name or the place says; ``None`` if
            neither says.
    """

    path: str
    stamp: str
    whole: bool | None = None


class Place(Protocol):
    """A folder, or a prefix of a bucket, in which recordings are dropped and put away."""

    @property
    def name(self) -> str:
        """Identifies it."""

    def entries(self) -> Iterable[Entry]:
        """What lies there and was not put away.

        Raises:
            InvalidOption: there is no such place.
            StoreUnavailable: it cannot be looked into.
        """

    def uri(self, path: str) -> str:
        """The address of the recording at *path* for jobs."""

    def read(self, path: PurePosixPath) -> bytes | None:
        """A small file at *path*, below the place; ``None`` if missing."""

    def put_away(self, path: str, outcome: Outcome, files: Mapping[str, bytes]) -> str:
        """Move the recording at *path* to the folder of its *outcome*, with *files* beside it, and
        return its new address.

        Called again, it does what is left. A recording of the same name that is there stays, and
        this one gets a number.

        Args:
            files: contents by the ending that replaces the recording's suffix.
        """


def is_recording(path: PurePosixPath) -> bool:
    """Whether a name is that of a recording that was not put away."""
    hidden = any(part.startswith(".") for part in path.parts)
    return path.suffix.lower() in SUFFIXES and not hidden and path.parts[0] not in OUTCOMES


def is_unfinished(path: PurePosixPath) -> bool:
    """Whether a name says that its file is not finished."""
    return path.name.endswith(_UNFINISHED) and path.parts[0] not in OUTCOMES
