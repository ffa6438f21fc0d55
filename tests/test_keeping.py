"""Programs that are kept running, and a Prefect server on a Postgres of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from trax.orchestration.locks import is_free
from trax.testing.servers import free_ports
from trax.testing.waiting import wait_until

KEEP = """
import logging, sys
from trax.orchestration import keeping
logging.basicConfig(level=logging.INFO)
keeping._WAITS = (0.1,)
script = "import os, time; print('up', os.getpid(), flush=True); time.sleep({})"
programs = [
    keeping.Program("short", [sys.executable, "-c", script.format(0.1)]),
    keeping.Program("long", [sys.executable, "-c", script.format(600)]),
]
keeping.keep_running(programs, 5.0)
"""

pytestmark = pytest.mark.slow


def lives(process: int) -> bool:
    """Whether a process runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def keeper(tmp_path):
    """Keeps two programs running, of which one ends again and again."""
    log = tmp_path / "log"
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-c", KEEP], stdout=file, stderr=file)
    yield process, log
    process.kill()
    process.wait()


def started(log):
    """The processes that said that they are up."""
    return [int(line.split()[1]) for line in log.read_text().splitlines() if line[:3] == "up "]


class TestKeeping:
    def test_what_ends_starts_again_and_the_log_says_so(self, keeper):
        """The other goes on."""
        _process, log = keeper
        wait_until(lambda: len(started(log)) >= 4)
        assert "short ended with 0; it starts again" in log.read_text()
        assert "long ended" not in log.read_text()

    def test_everything_ends_with_sigterm(self, keeper):
        """And nothing is started again."""
        process, log = keeper
        wait_until(lambda: len(started(log)) >= 3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert not [each for each in started(log) if lives(each)]

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent")
    def test_everything_ends_with_its_keeper_however_that_ends(self, keeper):
        """Killed with -9, too."""
        process, log = keeper
        wait_until(lambda: len(started(log)) >= 3)
        process.kill()
        process.wait()
        wait_until(lambda: not [each for each in started(log) if lives(each)])


class TestLocks:
    HOLD = (
        "import sys, time; from pathlib import Path; from trax.orchestration.locks import is_free\n"
        "assert is_free(Path(sys.argv[1]), keep=True); print(1, flush=True); time.sleep(600)"
    )

    def test_a_lock_is_held_for_as_long_as_its_process_lives(self, tmp_path):
        """However that ends."""
        lock = tmp_path / "run"
        command = [sys.executable, "-c", self.HOLD, str(lock)]
        holder = subprocess.Popen(command, stdout=subprocess.PIPE)
        try:
            assert holder.stdout is not None
            holder.stdout.readline()
            assert not is_free(lock)
            assert not is_free(lock, keep=True)
        finally:
            holder.kill()
            holder.wait()
        assert is_free(lock)


class TestServer:
    def test_prefect_runs_on_a_postgres_of_its_own(self, tmp_path):
        """By one command; both end with SIGTERM."""
        (port,) = free_ports(1)
        command = [sys.executable, "-m", "trax.cli", "prefect", "server", "--port", str(port)]
        environment = os.environ | {"TRAX_HOME": str(tmp_path), "PREFECT_HOME": str(tmp_path / "p")}
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            wait_until(lambda: answers(port), 180)
            postmaster = tmp_path / "prefect" / "postgres" / "postmaster.pid"
            database = int(postmaster.read_text().split()[0])
            assert lives(database)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
            wait_until(lambda: not lives(database))
        finally:
            process.kill()
            process.wait()


def answers(port):
    try:
        with urlopen(f"http://127.0.0.1:{port}/api/health", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False
