"""Loaded models stay within a budget."""

import logging
import threading
import time

import pytest

from trax.models import ModelManager, Use


def get(manager: ModelManager, name: str, size: int, loads: list[str]) -> str:
    def load() -> str:
        loads.append(name)
        return name.upper()

    return manager.get(name, lambda: Use(name, size), load)


def names(manager: ModelManager) -> list[str]:
    return [use.name for use in manager.loaded]


def test_a_model_is_loaded_once():
    """And stays for the next window and the next job."""
    manager, loads = ModelManager(100), []
    assert [get(manager, "a", 10, loads) for _ in range(3)] == ["A", "A", "A"]
    assert loads == ["a"]


def test_the_one_that_was_not_used_for_longest_goes():
    """When there is no room for another."""
    manager, loads = ModelManager(100), []
    for name in ("a", "b", "a", "c"):
        get(manager, name, 40, loads)
    assert names(manager) == ["a", "c"]
    assert loads == ["a", "b", "c"]


def test_as_many_go_as_it_takes():
    """And not one more."""
    manager, loads = ModelManager(100), []
    for name, size in (("a", 30), ("b", 30), ("c", 30), ("big", 60)):
        get(manager, name, size, loads)
    assert names(manager) == ["c", "big"]


def test_a_model_larger_than_the_budget_is_loaded_alone():
    """The job goes on; the budget is a wish."""
    manager, loads = ModelManager(100), []
    get(manager, "a", 40, loads)
    assert get(manager, "huge", 500, loads) == "HUGE"
    assert names(manager) == ["huge"]


def test_use_is_reported(caplog):
    """The budget, and which models take how much of it."""
    manager = ModelManager(2_000_000_000)
    with caplog.at_level(logging.INFO, logger="trax"):
        get(manager, "tiny.en", 75_000_000, [])
    assert str(manager) == "0.07 of 2.00 GB for models taken by tiny.en"
    assert "loaded tiny.en" in caplog.text


def test_a_failed_load_leaves_nothing_behind():
    """The next try loads again."""

    def fails() -> str:
        raise OSError("broken")

    manager, loads = ModelManager(100), []
    with pytest.raises(OSError, match="broken"):
        manager.get("a", lambda: Use("a", 1), fails)
    assert manager.loaded == ()
    assert get(manager, "a", 1, loads) == "A"


def test_two_threads_load_a_model_once():
    """The second waits for the first."""
    manager, loads = ModelManager(100), []

    def slow() -> str:
        loads.append("a")
        time.sleep(0.05)
        return "A"

    threads = [
        threading.Thread(target=lambda: manager.get("a", lambda: Use("a", 1), slow))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads == ["a"]
