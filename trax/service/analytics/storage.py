"""What the stores hold, by kind: recordings, results of stages, adapters, the database."""

import os
import platform
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from trax.store import Database, ObjectStore
from trax.store.holdings import Holdings, StorageDay, database_bytes

StorageKey = Literal["day", "kind"]

_KINDS = {
    "recordings": "recordings",
    "uploads": "uploads",
    "checkpoints": "checkpoints",
    "transcripts": "exports",
    "adapters": "adapters",
}
_COPIES = "media copies"
_OTHER = "other"
_COPY_NAMES = ("browser", "peaks-")  # how those for browsers begin, beside the recording's audio


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageFigures:
    """What was stored.

    Attributes:
        by: what it has in common, such as ``{"kind": "recordings"}``.
        objects: how many there were.
    """

    by: dict[str, str]
    objects: int
    size_bytes: int


def storage_figures(
    days: Sequence[StorageDay], by: Sequence[StorageKey] = ("kind",)
) -> list[StorageFigures]:
    """What was stored, apart *by* some of what is known, the most first; as it was counted last
    unless days are told apart, since the same is stored from day to day.
    """
    counted = days if "day" in by else _newest(days)
    groups: dict[tuple[str, ...], list[StorageDay]] = defaultdict(list)
    for each in counted:
        groups[tuple(str(getattr(each, name)) for name in by)].append(each)
    found = [_summed(dict(zip(by, key, strict=True)), group) for key, group in groups.items()]
    return sorted(found, key=lambda each: -each.size_bytes)


def count_storage(database: Database, objects: ObjectStore, live: Path) -> None:
    """Count what is stored, once a day: every object is listed, which takes a while.

    Args:
        live: the folder of this machine with live sessions that are not settled yet.

    Raises:
        StoreError: the store or the database does not answer; nothing is kept of what it holds.
    """
    holdings, today = Holdings(database), datetime.now(UTC).date()
    machine = platform.node() or "unnamed"
    if live.is_dir() and not holdings.is_counted(today, machine):
        holdings.keep([_live(today, machine, live)])
    if not holdings.is_counted(today, ""):
        holdings.keep(_shared(today, database, objects))


def kind_of(key: str) -> str:
    """The kind of the object under *key*.

    >>> kind_of("recordings/4543c86cf1b6/audio.flac")
    'recordings'
    >>> kind_of("recordings/4543c86cf1b6/browser.m4a")
    'media copies'
    """
    first, *_between, last = key.split("/")
    if first == "recordings" and last.startswith(_COPY_NAMES):
        return _COPIES
    return _KINDS.get(first, _OTHER)


def _shared(day: date, database: Database, objects: ObjectStore) -> Iterator[StorageDay]:
    """What all machines share: nothing of a kind is something that is known, too."""
    counts = dict.fromkeys((*_KINDS.values(), _COPIES), 0)
    sizes = dict.fromkeys(counts, 0)
    for each in objects.list():
        kind = kind_of(each.key)
        counts[kind] = counts.get(kind, 0) + 1
        sizes[kind] = sizes.get(kind, 0) + each.size_bytes
    for kind, count in counts.items():
        yield StorageDay(day=day, machine="", kind=kind, objects=count, size_bytes=sizes[kind])
    size_bytes = database_bytes(database)
    yield StorageDay(day=day, machine="", kind="database", objects=1, size_bytes=size_bytes)


def _live(day: date, machine: str, folder: Path) -> StorageDay:
    sizes = list(_sizes(folder))
    return StorageDay(
        day=day, machine=machine, kind="live", objects=len(sizes), size_bytes=sum(sizes)
    )


def _sizes(folder: Path) -> Iterator[int]:
    """Bytes of each file below a folder, except those that go meanwhile."""
    for parent, _folders, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                yield Path(parent, name).stat().st_size


def _newest(days: Iterable[StorageDay]) -> list[StorageDay]:
    """Of each machine what was counted on its last day."""
    known = list(days)
    last: dict[str, date] = {}
    for each in known:
        last[each.machine] = max(each.day, last.get(each.machine, each.day))
    return [each for each in known if each.day == last[each.machine]]


def _summed(by: dict[str, str], group: Sequence[StorageDay]) -> StorageFigures:
    return StorageFigures(
        by=by,
        objects=sum(each.objects for each in group),
        size_bytes=sum(each.size_bytes for each in group),
    )
