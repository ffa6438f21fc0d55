"""The collector of garbage, while values without circles are made."""

import gc
import threading

import pytest

from trax.collecting import collection_paused


def test_nothing_is_looked_for_until_the_last_is_done():
    """However many threads make values at once, and whatever goes wrong in one."""
    begun, done = threading.Event(), threading.Event()

    def other() -> None:
        with collection_paused():
            begun.set()
            done.wait(10)

    thread = threading.Thread(target=other)
    thread.start()
    assert begun.wait(10)
    with pytest.raises(ValueError, match="wrong"):
        fails()
    assert not gc.isenabled()
    done.set()
    thread.join()
    assert gc.isenabled()


@collection_paused()
def fails() -> None:
    raise ValueError("wrong")


def test_whoever_wants_no_collector_has_none_afterwards():
    """It was off before."""
    gc.disable()
    try:
        with collection_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
