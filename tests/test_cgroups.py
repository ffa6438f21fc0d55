"""The memory that a container leaves is known, however the system groups processes."""

from pathlib import Path

import pytest

from trax import cgroups, hardware
from trax.cgroups import MemoryLimit, memory_limits

NO_LIMIT = 9_223_372_036_854_771_712  # as version 1 says it


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """Plants groups: files by path, and what this process is in."""
    membership = tmp_path / "membership"
    monkeypatch.setattr(cgroups, "_ROOT", tmp_path / "root")
    monkeypatch.setattr(cgroups, "_MEMBERSHIP", membership)

    def plant(lines: str | None, files: dict[str, object]) -> None:
        if lines is not None:
            membership.write_text(lines)
        for name, text in files.items():
            path: Path = tmp_path / "root" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{text}\n")

    return plant


def two(folder: str, limit: object, taken: int, kept: int = 0) -> dict[str, object]:
    return {
        f"{folder}memory.max": limit,
        f"{folder}memory.current": taken,
        f"{folder}memory.stat": f"anon 900\ninactive_file {kept}",
    }


def one(folder: str, limit: object, taken: int, kept: int = 0) -> dict[str, object]:
    return {
        f"memory/{folder}memory.limit_in_bytes": limit,
        f"memory/{folder}memory.usage_in_bytes": taken,
        f"memory/{folder}memory.stat": f"inactive_file 1\ntotal_inactive_file {kept}",
    }


class TestLimits:
    def test_a_container_has_its_limit_at_the_root(self, groups):
        """What the system keeps of files can be taken from it."""
        groups("0::/\n", two("", 1000, 990, 10))
        assert memory_limits() == [MemoryLimit(1000, 980)]

    def test_a_unit_has_its_own_and_those_above_it(self, groups):
        """The narrowest first; one without a limit is left out."""
        files = two("a.slice/b.service/", "max", 5) | two("a.slice/", 2000, 1500)
        groups("0::/a.slice/b.service\n", files)
        assert memory_limits() == [MemoryLimit(2000, 1500)]

    def test_the_first_version_has_other_names(self, groups):
        """And says by a large number that there is no limit."""
        files = one("docker/a/", 1000, 500, 100) | one("", NO_LIMIT, 800)
        groups("5:cpu,memory:/docker/a\n1:name=systemd:/docker/a\n0::/\n", files)
        assert memory_limits() == [MemoryLimit(1000, 400)]

    def test_a_container_that_is_called_otherwise_outside_is_found(self, groups):
        """Its group lies at the root then."""
        groups("5:memory:/docker/a\n", one("", 1000, 500))
        assert memory_limits() == [MemoryLimit(1000, 500)]
        groups("0::/../../docker/b\n", two("", 700, 100))
        assert memory_limits() == [MemoryLimit(700, 100)]

    @pytest.mark.parametrize("limit", ["max", "0", "", "nonsense", "-1"])
    def test_what_is_no_limit_is_none(self, limit, groups):
        """Whatever stands there."""
        groups("0::/\n", two("", limit, 1))
        assert memory_limits() == []

    def test_figures_that_cannot_be_read_limit_all_the_same(self, groups):
        """What is kept of files counts as taken then."""
        files = two("", 1000, 500)
        del files["memory.stat"]
        groups(None, files)
        assert memory_limits() == [MemoryLimit(1000, 500)]

    def test_without_groups_the_machine_counts(self, groups):
        """As it does where there are none, or `/proc` says nothing."""
        assert memory_limits() == []
        assert hardware.available_memory() > 10**8

    def test_the_container_counts_before_the_machine(self, groups):
        """Where it is fuller, and smaller."""
        groups("0::/\n", two("", 1000, 990, 10))
        assert hardware.memory_taken() == pytest.approx(0.98)
        assert hardware.available_memory() == 1000


class TestDisk:
    def test_a_folder_that_is_not_made_lies_where_it_will(self, tmp_path):
        """However deep."""
        assert hardware.free_disk(tmp_path / "a" / "b" / "c") > 0

    def test_a_disk_that_is_gone_is_an_error_of_the_system(self, monkeypatch, tmp_path):
        """Not an endless search for a folder that is there."""
        monkeypatch.setattr(Path, "exists", lambda _path: False)
        monkeypatch.setattr("shutil.disk_usage", _gone)
        with pytest.raises(OSError, match="Transport endpoint"):
            hardware.free_disk(tmp_path)


def _gone(_folder: Path) -> None:
    raise OSError("Transport endpoint is not connected")
