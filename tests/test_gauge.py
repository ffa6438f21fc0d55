"""What stages use is known, and they are warned before they meet a limit."""

import os
import threading
import time

import psutil
import pytest

from trax import hardware
from trax.gpus import GpuUsage
from trax.hardware import Usage
from trax.progress import Noted, reporting
from trax.testing.waiting import wait_until
from trax.work import gauge as room
from trax.work.gauge import Gauge, gauge


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

    def test_a_disk_that_is_gone_is_told(self, heard, monkeypatch, tmp_path):
        """Of every other limit the stage is warned all the same."""

        def gone(_folder):
            raise OSError("Input/output error")

        monkeypatch.setattr(room, "free_disk", gone)
        monkeypatch.setattr(room, "memory_taken", lambda: 0.95)
        with Gauge().watched("recognise", tmp_path, 60):
            wait_for(heard, 2)
        assert [each.split(":")[0] for each in heard] == [
            "recognise nears the limit of memory",
            "recognise cannot reach the disk where results are made; look whether it is there",
        ]


class Vanished(psutil.NoSuchProcess):
    def __init__(self, *_about):
        super().__init__(1)


class Denied(psutil.AccessDenied):
    def __init__(self, *_about):
        super().__init__(1)


class TestNeverInTheWay:
    @pytest.mark.parametrize("error", [Vanished, Denied, OSError, RuntimeError])
    @pytest.mark.parametrize("name", ["memory_info", "io_counters"])
    def test_what_the_system_does_not_say_is_left_out(self, name, error, monkeypatch, tmp_path):
        """The stage's result stands, with the figures that are known."""

        def silent(*_arguments):
            raise error

        monkeypatch.setattr(psutil.Process, name, silent)
        with Gauge().watched("recognise", tmp_path, 60) as used:
            work(0.05)
        assert used.processor_seconds >= 0.05

    def test_a_process_that_nobody_may_look_at_is_no_error(self, monkeypatch, tmp_path):
        """Where `/proc` is hidden."""
        hardware._this_process.cache_clear()
        monkeypatch.setattr(psutil, "Process", Denied)
        with Gauge().watched("recognise", tmp_path, 60) as used:
            work(0.05)
        assert used.processor_seconds >= 0.05
        assert used.written_bytes == 0

    def test_writing_that_is_said_again_is_not_counted_at_once(self, monkeypatch, tmp_path):
        """What was written before is no stage's."""
        said = iter([Usage(0.0, 1, None), Usage(0.0, 1, 10**12), Usage(0.0, 1, 10**12 + 7)])
        last = Usage(0.0, 1, 10**12 + 7)
        monkeypatch.setattr(room, "usage", lambda: next(said, last))
        gauge = Gauge()
        with gauge.watched("a", tmp_path, 60), gauge.watched("b", tmp_path, 60):
            pass
        with gauge.watched("c", tmp_path, 60) as used:
            pass
        assert used.written_bytes == 0

    def test_a_driver_that_hangs_holds_no_stage_up(self, monkeypatch, tmp_path):
        """Each ends while the driver still hangs; nobody waits for it twice."""
        answers = threading.Event()
        asked = []

        def hang():
            asked.append(1)
            answers.wait(30)
            return []

        monkeypatch.setattr(room, "gpu_usage", hang)
        monkeypatch.setattr(room, "_PATIENCE", 0.05)
        gauge = Gauge()
        for _stage in range(3):
            with gauge.watched("recognise", tmp_path, 60) as used:
                work(0.01)
            assert used.processor_seconds > 0
            assert not answers.is_set()
        assert asked == [1]
        answers.set()
        wait_until(lambda: gauge._thread is None, 10.0, what="the end of the thread")

    def test_a_disk_that_hangs_holds_no_stage_up(self, monkeypatch, tmp_path):
        """As one over a network does."""
        answers, reached = threading.Event(), threading.Event()

        def hang(_folder):
            reached.set()
            answers.wait(30)
            return 10**12

        monkeypatch.setattr(room, "free_disk", hang)
        monkeypatch.setattr(room, "_PATIENCE", 0.05)
        with Gauge().watched("recognise", tmp_path, 60):
            assert reached.wait(10)
        assert not answers.is_set()
        answers.set()

    def test_a_look_that_fails_is_logged_once_and_the_stage_goes_on(
        self, monkeypatch, tmp_path, caplog
    ):
        """Not twice a second, for hours."""
        monkeypatch.setattr(room, "_EVERY", 0.001)
        looks = []

        def fail():
            looks.append(1)
            raise ValueError("unforeseen")

        monkeypatch.setattr(room, "gpu_usage", fail)
        monkeypatch.setattr(room, "_PATIENCE", 0.01)
        with Gauge().watched("recognise", tmp_path, 60) as used:
            work(0.01)
            wait_until(lambda: len(looks) > 3, 10.0, what="looks")
        assert used.processor_seconds > 0
        logged = [each for each in caplog.records if "could not be watched" in each.message]
        assert len(logged) == 1

    def test_a_system_without_a_thread_left_runs_stages_all_the_same(
        self, monkeypatch, tmp_path, caplog
    ):
        """With what can be known without one; the next stage tries again."""

        def refuse(_thread):
            raise RuntimeError("can't start new thread")

        gauge = Gauge()
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            with gauge.watched("recognise", tmp_path, 60) as used:
                work(0.05)
        assert used.processor_seconds >= 0.05
        assert "cannot be watched" in caplog.text
        with gauge.watched("recognise", tmp_path, 60):
            assert gauge._thread is not None

    def test_what_the_stage_raises_is_not_hidden(self, monkeypatch, tmp_path):
        """By whatever the watching meets at its end."""
        monkeypatch.setattr(psutil.Process, "memory_info", Vanished)
        with (
            pytest.raises(LookupError, match="the stage's own"),
            Gauge().watched("recognise", tmp_path, 60),
        ):
            raise LookupError("the stage's own")

    def test_whoever_is_interrupted_at_the_end_leaves_nothing_behind(self, monkeypatch, tmp_path):
        """A stage that is stopped by Ctrl-C is watched no longer, either."""

        def interrupt(*_about):
            raise KeyboardInterrupt

        gauge = Gauge()
        with pytest.raises(KeyboardInterrupt), gauge.watched("recognise", tmp_path, 60):
            monkeypatch.setattr(gauge, "_wait_for_gpus", interrupt)
        assert gauge._running == []
        wait_until(lambda: gauge._thread is None, 10.0, what="the end of the thread")

    def test_a_look_that_fails_is_not_repeated_at_once(self, monkeypatch, tmp_path):
        """Though the end of a stage asked for it."""
        looks = []

        def fail():
            looks.append(1)
            raise ValueError("unforeseen")

        monkeypatch.setattr(room, "gpu_usage", fail)
        monkeypatch.setattr(room, "_EVERY", 3600.0)
        gauge = Gauge()
        with gauge.watched("recognise", tmp_path, 60):
            with gauge.watched("merge", tmp_path, 60):
                pass
            wait_until(lambda: gauge._answered == 1, 10.0, what="the look")
            assert len(looks) <= 2

    def test_memory_of_a_gpu_is_known_of_the_shortest_stage(self, monkeypatch, tmp_path):
        """Which ends before the second look: its device is told by it."""
        held = []
        monkeypatch.setattr(room, "gpu_usage", lambda: [GpuUsage(1.0, 0.5, 7 * len(held))])
        gauge = Gauge()
        with gauge.watched("recognise", tmp_path, 60) as used:
            held.append(1)
        assert used.device_memory_bytes == 7

    def test_a_gpu_that_says_more_later_counts_since_the_stage_began(self, monkeypatch, tmp_path):
        """A look that took long is not the newest stage's alone."""
        gauge = Gauge()
        with gauge.watched("recognise", tmp_path, 60) as used:
            gauge._share_gpus([GpuUsage(1.0, 0.5, 7)], 3600.0)
            assert 0 < used.gpu_busy_seconds < 60

    def test_a_forked_process_watches_its_own_stages(self, tmp_path):
        """Threads of the one that it came from stayed behind."""
        with gauge.watched("recognise", tmp_path, 60):
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    with gauge.watched("merge", tmp_path, 60) as used:
                        work(0.05)
                    code = 0 if gauge._thread and used.processor_seconds >= 0.05 else 2
                finally:
                    os._exit(code)
            _child, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
