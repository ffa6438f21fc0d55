"""What keeps engine processes: their pulse, the seats in their queue, their supervisor."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from trax.errors import (
    Cancelled,
    InvalidOption,
    SetupError,
)
from trax.host.pulse import Pulse
from trax.host.seats import Refused, Seats
from trax.host.supervisor import Supervisor, device_environment, device_names
from trax.testing.waiting import wait_until

NOBODY = lambda _ahead: None  # noqa: E731


class TestPulse:
    def test_who_works_is_alive(self):
        """Without a word."""
        with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
            pulse = felt(process, 2.5)
            process.kill()
        assert pulse.quiet == 0.0
        assert pulse.worked > 0.0

    def test_who_sleeps_is_not(self):
        """Until it is heard."""
        with subprocess.Popen(["sleep", "60"]) as process:
            pulse = felt(process, 2.5)
            process.kill()
        assert pulse.is_stuck(1.0)
        pulse.heard()
        assert not pulse.is_stuck(1.0)

    def test_a_stopped_one_is_not_though_it_was_busy(self):
        """It does nothing, and waits for no turn."""
        with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
            time.sleep(0.5)
            process.send_signal(signal.SIGSTOP)
            pulse = felt(process, 3.5)
            process.kill()
        assert pulse.is_stuck(1.0)

    def test_a_pause_of_whoever_looks_counts_little(self, monkeypatch):
        """A machine that was asleep for an hour has no stuck processes."""
        with subprocess.Popen(["sleep", "60"]) as process:
            pulse = Pulse(process.pid)
            later = time.monotonic() + 3600
            monkeypatch.setattr("trax.host.pulse.time.monotonic", lambda: later)
            pulse.look()
            process.kill()
        assert not pulse.is_stuck(60.0)

    def test_endless_work_without_a_word_is_stuck(self, monkeypatch):
        """In seconds of processors, so that a busy machine makes no difference."""
        pulse = Pulse(os.getpid())
        monkeypatch.setattr(pulse, "_processor_time", lambda: 1e6)
        time.sleep(1.1)
        pulse.look()
        assert pulse.is_stuck(60.0)


def felt(process, seconds):
    pulse = Pulse(process.pid)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pulse.look()
        time.sleep(0.1)
    return pulse


class TestSeats:
    def test_no_more_than_the_seats_work_at_once(self):
        """Others wait, in the order in which they came."""
        seats, most, order, lock = Seats(2, 100), [0], [], threading.Lock()

        def work(name):
            with seats.seat(name, threading.Event(), NOBODY):
                with lock:
                    most[0] = max(most[0], len(seats.running))
                    order.append(name)
                time.sleep(0.01)

        with ThreadPoolExecutor(10) as pool:
            list(pool.map(work, map(str, range(20))))
        assert most[0] == 2
        assert len(order) == 20

    def test_a_long_one_gives_way(self):
        """Two jobs share one seat: the short one ends long before the long one."""
        seats, ended = Seats(1, 100, quantum=0.0), []

        def work(name, steps):
            with seats.seat(name, threading.Event(), NOBODY) as rest:
                for _ in range(steps):
                    time.sleep(0.002)
                    rest()
            ended.append(name)

        long = threading.Thread(target=work, args=("long", 400))
        long.start()
        wait_until(lambda: seats.running == ("long",))
        work("short", 5)
        long.join()
        assert ended == ["short", "long"]

    def test_one_that_must_be_alone_is(self):
        """It waits until all seats are empty, and keeps them so."""
        seats, beside = Seats(3, 100), []

        def work(name, alone):
            with seats.seat(name, threading.Event(), NOBODY, alone=alone):
                time.sleep(0.02)
                if alone:
                    beside.append(seats.running)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, map(str, range(12)), [at % 3 == 0 for at in range(12)]))
        assert all(len(each) == 1 for each in beside)
        assert len(beside) == 4

    def test_a_full_queue_takes_no_more(self):
        """The caller comes again."""
        seats, over = Seats(1, 1), threading.Event()

        def hold():
            with seats.seat("a", threading.Event(), NOBODY):
                over.wait(30)

        threads = [threading.Thread(target=hold) for _ in range(2)]
        for thread in threads:
            thread.start()
        wait_until(lambda: seats.waiting == 1)
        with (
            pytest.raises(Refused, match="wait for the device"),
            seats.seat("c", threading.Event(), NOBODY),
        ):
            pass
        over.set()
        for thread in threads:
            thread.join()

    def test_one_that_is_stopped_waits_no_more(self):
        """And leaves the queue."""
        seats, stop = Seats(1, 10), threading.Event()
        with seats.seat("a", threading.Event(), NOBODY):
            stop.set()
            with pytest.raises(Cancelled), seats.seat("b", stop, NOBODY):
                pass
        assert seats.waiting == 0


class TestSupervisor:
    def test_a_path_too_long_for_a_socket_is_said_to_be(self, tmp_path):
        """With what to set."""
        with pytest.raises(InvalidOption, match="too long for a socket"):
            Supervisor(tmp_path / ("x" * 120), ["cpu"], lambda _device, _listener: [])

    def test_a_device_is_served_once(self, tmp_path_factory):
        """The second one is told so, however busy the first is."""
        home = tmp_path_factory.mktemp("e")  # a socket's path may not be long
        first = Supervisor(home / "engines", ["cpu"], lambda _device, _listener: [])
        with pytest.raises(SetupError, match="serves cpu already"):
            Supervisor(home / "engines", ["cpu"], lambda _device, _listener: [])
        for keeper in first._keepers:
            keeper.end()

    def test_each_process_has_its_device(self):
        """And calls no engine itself."""
        assert device_environment("cuda-1") == {
            "TRAX_DEVICE": "cuda",
            "TRAX_ENGINE": "off",
            "CUDA_VISIBLE_DEVICES": "1",
            "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        }
        assert device_environment("cpu") == {"TRAX_DEVICE": "cpu", "TRAX_ENGINE": "off"}
        assert device_names()
