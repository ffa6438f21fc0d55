"""Trying again what may pass: the store was away for a moment."""

from collections.abc import Callable
from typing import TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_chain,
    wait_fixed,
)

from trax.errors import TraxError
from trax.progress import current_reporter

RETRY_DELAYS = [2.0, 10.0, 60.0]
"""Seconds before each new try."""

Result = TypeVar("Result")


def patiently(call: Callable[[], Result]) -> Result:
    """What *call* gives, tried again while its error says that this may help."""
    retrying = Retrying(
        retry=retry_if_exception(is_transient),
        wait=wait_chain(*map(wait_fixed, RETRY_DELAYS)),
        stop=stop_after_attempt(len(RETRY_DELAYS) + 1),
        before_sleep=_tell,
        reraise=True,
    )
    return retrying(call)


def _tell(state: RetryCallState) -> None:
    """Say why there is a wait, and how long it is."""
    error = state.outcome.exception() if state.outcome else None
    wait = state.next_action.sleep if state.next_action else 0.0
    current_reporter().noted(f"{error}; trying again in {wait:.0f} s")


def is_transient(error: BaseException) -> bool:
    """Whether trying the same again may help."""
    return isinstance(error, TraxError) and error.transient
