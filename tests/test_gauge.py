"""What stages use is known, and they are warned before they meet a limit."""

import sys
import threading
import time
from types import SimpleNamespace

import pytest

from trax import hardware
from trax.hardware import GpuUsage, gpu_usage
from trax.progress import Noted, reporting
from trax.work import gauge as room
from trax.work.gauge import Gauge


def work(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


@pytest.fixture
def heard(monkeypatch):
    """What is noted; looks are frequent."""
    monkeypatch.setattr(room, "_EVERY", 0.01)
    found = []
    with reporting(lambda event: found.append(event.message) if isinstance(event, Noted) else None):
        yield found


def wait_for(heard, count: int) -> None:
    until = time.monotonic() + 10
    while len(heard) < count and time.monotonic() < until:
        time.sleep(0.01)


class TestUsed:
    def test_processors_memory_and_disk_are_counted(self, tmp_path):
        """Only while the stage runs."""
        gauge = Gauge()
        with gauge.watched("recognise", tmp_path, 60) as used:
            work(0.1)
            held = bytearray(b"x" * 200_000_000)
            time.sleep(0.05)
            del held
        assert used.processor_seconds >= 0.1
        assert used.peak_memory_bytes > 200_000_000
        before = used.processor_seconds
        work(0.1)
        assert used.processor_seconds == before

    def test_what_stages_use_at_the_same_time_is_shared(self, tmp_path):
        """The sum is what the process used."""
        gauge = Gauge()
        began = time.process_time()
        with gauge.watched("a", tmp_path, 60) as one, gauge.watched("b", tmp_path, 60) as other:
            work(0.2)
        all_of_it = time.process_time() - began
        assert one.processor_seconds + other.processor_seconds <= all_of_it + 0.05
        assert other.processor_seconds == pytest.approx(one.processor_seconds, abs=0.05)

    def test_nobody_looks_when_nothing_runs(self, tmp_path):
        """The thread ends with the last stage."""
        gauge = Gauge()
        with gauge.watched("a", tmp_path, 60):
            assert "gauge" in {each.name for each in threading.enumerate()}
        until = time.monotonic() + 10
        while "gauge" in {each.name for each in threading.enumerate()}:
            assert time.monotonic() < until
            time.sleep(0.01)

    def test_the_driver_says_what_a_gpu_does(self, monkeypatch):
        """And which memory is this process's."""
        import os

        fake = SimpleNamespace(
            NVMLError=OSError,
            nvmlDeviceGetMemoryInfo=lambda _gpu: SimpleNamespace(used=3, total=4),
            nvmlDeviceGetUtilizationRates=lambda _gpu: SimpleNamespace(gpu=50),
            nvmlDeviceGetComputeRunningProcesses=lambda _gpu: [
                SimpleNamespace(pid=os.getpid(), usedGpuMemory=7),
                SimpleNamespace(pid=-1, usedGpuMemory=9),
            ],
        )
        monkeypatch.setitem(sys.modules, "pynvml", fake)
        monkeypatch.setattr(hardware, "_gpus", lambda: ("gpu",))
        assert gpu_usage() == [GpuUsage(0.5, 0.75, 7)]


class TestWarnings:
    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("memory_taken", 0.95, "recognise nears the limit of memory: 95%"),
            ("free_disk", 100_000_000, "recognise nears a full disk: 0.1 GB"),
            ("gpu_usage", [GpuUsage(1.0, 0.99, 0)], "recognise nears the limit of the GPU's"),
        ],
    )
    def test_a_stage_that_nears_a_limit_says_so_once(
        self, name, value, said, heard, monkeypatch, tmp_path
    ):
        """While it can still be helped."""
        monkeypatch.setattr(room, name, lambda *_args: value)
        with Gauge().watched("recognise", tmp_path, 60):
            wait_for(heard, 1)
            time.sleep(0.05)
        assert len(heard) == 1
        assert heard[0].startswith(said)

    def test_time_is_a_limit_too(self, heard, tmp_path):
        """Even for a stage that hangs and reports nothing."""
        with Gauge().watched("recognise", tmp_path, 0.05):
            wait_for(heard, 1)
        assert heard[0].startswith("recognise has taken 80% of the 0 s")

    def test_nothing_is_said_far_from_limits(self, heard, monkeypatch, tmp_path):
        """Most stages hear nothing."""
        monkeypatch.setattr(room, "memory_taken", lambda: 0.5)
        monkeypatch.setattr(room, "free_disk", lambda _folder: 10**12)
        with Gauge().watched("recognise", tmp_path, 60):
            time.sleep(0.05)
        assert heard == []

    def test_a_container_counts_before_the_machine(self, monkeypatch, tmp_path):
        """What it keeps of files can be taken from it."""
        (tmp_path / "memory.max").write_text("1000\n")
        (tmp_path / "memory.current").write_text("990\n")
        (tmp_path / "memory.stat").write_text("anon 900\ninactive_file 10\n")
        monkeypatch.setattr(hardware, "_CGROUP", tmp_path)
        assert hardware.memory_taken() == pytest.approx(0.98)
