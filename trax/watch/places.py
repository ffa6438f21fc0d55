"""Where recordings are dropped: what a folder and a bucket have in common."""

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
    """A recording that lies there.

    Attributes:
        path: below the place, with ``/``.
        stamp: another one where the file has changed; the same one under another name.
        whole: whether its name, or the place, says that nothing will be added to it: ``False``
            where the name says that it is unfinished, ``None`` where nothing says so.
    """

    path: str
    stamp: str
    whole: bool | None = None


class Place(Protocol):
    """A folder, or a prefix of a bucket, in which recordings are dropped and put away."""

    @property
    def name(self) -> str:
        """Tells it from others."""

    def entries(self) -> Iterable[Entry]:
        """What lies there and was not put away.

        Raises:
            InvalidOption: there is no such place.
            StoreUnavailable: it cannot be looked into.
        """

    def uri(self, path: str) -> str:
        """Where jobs find the recording at *path*."""

    def read(self, path: PurePosixPath) -> bytes | None:
        """A small file that lies at *path*, below the place; ``None`` where there is none."""

    def put_away(self, path: str, outcome: Outcome, files: Mapping[str, bytes]) -> str:
        """Move the recording at *path* to where its *outcome* says, with *files* beside it; gives
        where it lies then.

        Args:
            files: by what is added to the recording's name, without its suffix.

        Done twice, it does the rest. What lies there under the same name stays, and this one gets a
        number.
        """


def is_recording(path: PurePosixPath) -> bool:
    """Whether a name is that of a recording, and of none that was put away."""
    hidden = any(part.startswith(".") for part in path.parts)
    return path.suffix.lower() in SUFFIXES and not hidden and path.parts[0] not in OUTCOMES


def is_unfinished(path: PurePosixPath) -> bool:
    """Whether a name says that its file is not finished."""
    return path.name.endswith(_UNFINISHED) and path.parts[0] not in OUTCOMES


def numbered(stem: str, number: int) -> str:
    """A file's name without its suffix, told from others of the same name.

    >>> numbered("talk", 1), numbered("talk", 3)
    ('talk', 'talk-3')
    """
    return stem if number == 1 else f"{stem}-{number}"
