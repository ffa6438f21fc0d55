"""The memory that control groups (a container, a unit of systemd) leave to this process."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_MEMBERSHIP = Path("/proc/self/cgroup")
_ROOT = Path("/sys/fs/cgroup")
_ENDLESS = 1 << 60  # bytes: version 1 says "no limit" by a number of about this size


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """A limit of one group, and what all its processes take of it.

    Attributes:
        taken_bytes: without what the system keeps only to read it faster.
    """

    limit_bytes: int
    taken_bytes: int


@dataclass(frozen=True, slots=True)
class _Names:
    """What one version of control groups calls its files."""

    limit: str
    taken: str
    kept: str


_TWO = _Names("memory.max", "memory.current", "inactive_file")
_ONE = _Names("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def memory_limits() -> list[MemoryLimit]:
    """The limits of the groups that this process is in, from the narrowest out; none where there
    are none, or they cannot be read.
    """
    return [limit for folder, names in _folders() for limit in _limit(folder, names)]


def _folders() -> Iterator[tuple[Path, _Names]]:
    """Where the groups lie. In a container they may lie at the root, whatever they are called
    outside.
    """
    for controllers, path in _memberships():
        if not controllers:
            yield from _upwards(_ROOT, path, _TWO)
        elif "memory" in controllers.split(","):
            yield from _upwards(_ROOT / "memory", path, _ONE)


def _memberships() -> Iterator[tuple[str, str]]:
    """Controllers and path of each group; those at the root if nobody says."""
    try:
        lines = _MEMBERSHIP.read_text().splitlines()
    except OSError:
        lines = ["0::/"]
    for line in lines:
        _number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        yield controllers, path


def _upwards(root: Path, path: str, names: _Names) -> Iterator[tuple[Path, _Names]]:
    parts = [part for part in path.split("/") if part not in ("", "..")]
    for depth in range(len(parts), -1, -1):
        yield root.joinpath(*parts[:depth]), names


def _limit(folder: Path, names: _Names) -> Iterator[MemoryLimit]:
    try:
        limit = int((folder / names.limit).read_text())
        taken = int((folder / names.taken).read_text()) - _kept(folder, names.kept)
    except (OSError, ValueError):  # "max", or there is no such group here
        return
    if 0 < limit < _ENDLESS:
        yield MemoryLimit(limit, max(taken, 0))


def _kept(folder: Path, name: str) -> int:
    with suppress(OSError):
        for line in (folder / "memory.stat").read_text().splitlines():
            found, _, value = line.partition(" ")
            if found == name:
                return int(value)
    return 0
