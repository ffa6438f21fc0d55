"""How the tests are selected, spread over processes and timed."""

import os
import re
import sys
from collections import Counter
from collections.abc import Generator, Iterable
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

QUICK = "not (real or prefect or server or slow or soak)"
"""What the quick loop runs."""

PREFECT = ("prefect", r"trax\.orchestration", "flows", "tasks", "blocks")
HEAVY = ("benchmarks", "openai", "selenium", "torch")
"""What takes seconds to import, and is asked about by few tests."""

PASSED_OVER = re.compile(rf"^(from|import) ({'|'.join(PREFECT + HEAVY)})\b", re.MULTILINE)
"""The quick loop passes over a test file that imports one of these at its top."""

SERVERS = {"chat_server", "new_postgres", "own_s3", "prefect_server", "s3_server"}
"""Fixtures that start a server: whoever asks for one is marked ``server``."""

BEHIND_SERVERS = {"postgres", "s3"}
"""Parameters of fixtures that stand for a server."""

SECONDS = {"soak": 60.0, "real": 10.0, "prefect": 5.0, "server": 2.0, "slow": 2.0}
"""What a test of each kind takes, roughly; any other takes next to nothing."""

TOGETHER = {
    "tests/test_editing.py": "browser",
    "tests/test_interface.py": "browser",
    "tests/test_revoice_page.py": "browser",
}
"""Files that share a process: two browsers at once are too slow for what pages wait for."""

SLOWEST = 15
"""How many files the summary names."""

EXAMPLES = {"quick": 10, "default": 40, "ci": 250}
"""How many examples a property is tried with; the environment's ``EXAMPLES`` wins."""

for _profile, _examples in EXAMPLES.items():
    settings.register_profile(
        f"trax-{_profile}",
        deadline=None,
        max_examples=int(os.environ.get("EXAMPLES", _examples)),
        suppress_health_check=[HealthCheck.too_slow],
        derandomize=True,
    )
settings.load_profile("trax-ci" if os.environ.get("CI") == "true" else "trax-default")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of the quick loop."""
    parser.addoption(
        "--quick", action="store_true", help=f"run tests that are {QUICK}, without Prefect"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Select the quick tests, and keep Prefect out of their process."""
    config.pluginmanager.register(Stopwatch())
    if config.option.quick:
        config.option.markexpr = QUICK
        settings.load_profile("trax-quick")
        sys.meta_path.insert(0, NoPrefect())


class NoPrefect:
    """Fails whatever imports Prefect."""

    def find_spec(self, name: str, *_place: object) -> ModuleSpec | None:
        """Leave every other module to the finders that follow."""
        if name.split(".")[0] == "prefect":
            pytest.fail(f"the quick loop does not import {name}: mark the test `prefect`")
        return None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass over files about Prefect, and those that take long to import, in the quick loop."""
    if not config.option.quick or collection_path.suffix != ".py":
        return None
    text = collection_path.read_text(encoding="utf-8")
    return True if PASSED_OVER.search(text) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks for a server, and begin with the longest."""
    for item in items:
        if asks_for_server(item):
            item.add_marker(pytest.mark.server)
    seconds = expected_seconds(items)
    items.sort(key=lambda item: (-seconds[group(item.nodeid)], group(item.nodeid)))


def asks_for_server(item: pytest.Item) -> bool:
    """Whether one of a test's fixtures starts a server."""
    if not isinstance(item, pytest.Function):
        return False
    if not SERVERS.isdisjoint(item.fixturenames):
        return True
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return any(isinstance(value, str) and value in BEHIND_SERVERS for value in parameters)


def expected_seconds(items: Iterable[pytest.Item]) -> Counter[str]:
    """What each group takes, roughly, from the marks of its tests."""
    totals: Counter[str] = Counter()
    for item in items:
        kinds = SECONDS.keys() & {mark.name for mark in item.iter_markers()}
        totals[group(item.nodeid)] += max((SECONDS[kind] for kind in kinds), default=0.05)
    return totals


def group(nodeid: str) -> str:
    """What is run in one process, one after the other: a file, or files that are kept together."""
    file = nodeid.split("::")[0]
    return TOGETHER.get(file, file)


class Groups(LoadScopeScheduling):
    """Gives each process whole groups, so that what a file starts is started once.

    A mark `xdist_group` would not do: with pytest 9.2 pytest-xdist 3.8 passes over it.
    """

    def _split_scope(self, nodeid: str) -> str:
        """The group of a test."""
        return group(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups:
    """Hand out groups."""
    return Groups(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores, since many tests wait for a server."""
    return len(os.sched_getaffinity(0)) + 1


class Stopwatch:
    """Adds up the seconds of each file, fixtures included, and prints the slowest.

    Processor time is that of the test's process and of its children that have ended: what is
    missing of a minute was spent waiting, or by another process.
    """

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.busy: Counter[str] = Counter()
        self._before = sum(os.times()[:4])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let a report say how much processor time has passed since the last one."""
        report = yield
        now = sum(os.times()[:4])
        report.busy = now - self._before
        self._before = now
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test's set-up, call and tear-down."""
        file = report.nodeid.split("::")[0]
        self.seconds[file] += report.duration
        self.busy[file] += getattr(report, "busy", 0.0)  # a process that died says nothing

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the slowest files, and what all take together."""
        if not self.seconds:
            return
        terminalreporter.section(f"seconds by file, the slowest {SLOWEST}: all, busy")
        for file, seconds in self.seconds.most_common(SLOWEST):
            terminalreporter.write_line(f"{seconds:8.1f} {self.busy[file]:8.1f}  {file}")
        totals = f"{self.seconds.total():8.1f} {self.busy.total():8.1f}"
        terminalreporter.write_line(f"{totals}  {len(self.seconds)} files")
