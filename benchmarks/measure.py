"""What a command costs: wall and processor seconds, memory, over all its processes."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

_EVERY = 0.05  # seconds between looks


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command took.

    Attributes:
        cpu_seconds: user and system, the command and all its children.
        peak_bytes: the most resident at one moment, the command and all its children.
        main_peak_bytes: the most resident, the command alone.
        output: what it wrote to standard output.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    main_peak_bytes: int
    output: str


def measure(command: list[str], environment: dict[str, str], log: Path) -> Cost:
    """Run *command* to its end, standard error to *log*.

    Raises:
        SystemExit: it failed.
    """
    began = time.perf_counter()
    processor: dict[int, float] = {}
    peak = main_peak = 0
    with log.open("ab") as errors:
        child = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        process = psutil.Process(child.pid)
        while child.poll() is None:
            sizes = [_look(each, processor) for each in _family(process)]
            peak, main_peak = max(peak, sum(sizes)), max(main_peak, sizes[0] if sizes else 0)
            time.sleep(_EVERY)
        output = child.stdout.read() if child.stdout else ""
    if child.returncode != 0:
        sys.exit(f"{' '.join(command)} failed with {child.returncode}; see {log}")
    return Cost(time.perf_counter() - began, sum(processor.values()), peak, main_peak, output)


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _look(process: psutil.Process, processor: dict[int, float]) -> int:
    """The resident size now; the processor seconds so far go to *processor*."""
    try:
        with process.oneshot():
            times = process.cpu_times()
            processor[process.pid] = times.user + times.system
            return int(process.memory_info().rss)
    except psutil.Error:
        return 0
