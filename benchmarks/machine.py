"""The machine that a benchmark runs on, and what else it has to do."""

import os

_BUSY = 0.5  # processes that run at a time, on average, besides the benchmark


def conditions() -> str:
    """A note on cores and load; to be asked for before the benchmark makes a load of its own."""
    return described(os.cpu_count() or 1, os.getloadavg()[0])


def described(cores: int, load: float) -> str:
    """A note on so many *cores*, and the average *load* of the minute before.

    >>> described(2, 0.04)
    'Everything ran on one machine of 2 cores; its load was 0.0 before.'
    >>> described(2, 8.5)
    'Everything ran on one machine of 2 cores; its load was 8.5 before: times are upper bounds.'
    """
    note = f"Everything ran on one machine of {cores} cores; its load was {load:.1f} before"
    return f"{note}: times are upper bounds." if load >= _BUSY else f"{note}."
