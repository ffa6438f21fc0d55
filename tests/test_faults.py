"""Faults that are injected into jobs are told from what the jobs left."""

import pytest

from benchmarks.faults import Fault, faults, inject
from trax.work import retry

FAULTS = {fault.name: fault for fault in faults()}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(retry, "RETRY_DELAYS", [0.0])
    monkeypatch.setattr(retry, "STORE_PATIENCE", 1)


@pytest.mark.parametrize("name", ["memory runs out", "the clock jumps", "a video has no sound"])
def test_a_fault_is_named_with_advice(name, tmp_path):
    """Memory, a server that only refuses, a recording."""
    (found,) = inject(FAULTS[name], tmp_path)
    assert found.cause == FAULTS[name].cause
    assert found.advice
    assert found.common == {}


def test_a_job_without_a_fault_is_not_reported(tmp_path):
    """Nothing is found where nothing is wrong."""
    assert inject(Fault("nothing", ""), tmp_path) == []


def test_there_are_two_dozen():
    """Each of another kind."""
    assert len(FAULTS) == 24
