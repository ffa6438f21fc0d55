"""Trying again after errors that may pass, such as a store that was away for a moment."""

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
from trax.progress import note

RETRY_DELAYS = [2.0, 10.0, 60.0]
"""Seconds before each new try."""

Result = TypeVar("Result")


def with_retries(call: Callable[[], Result]) -> Result:
    """The result of *call*, tried again while its error is transient."""
    retrying = Retrying(
        retry=retry_if_exception(is_transient),
        wait=wait_chain(*map(wait_fixed, RETRY_DELAYS)),
        stop=stop_after_attempt(len(RETRY_DELAYS) + 1),
        before_sleep=_explain,
        reraise=True,
    )
    return retrying(call)


def is_transient(error: BaseException) -> bool:
    """Whether trying the same thing again may help."""
    return isinstance(error, TraxError) and error.transient


def _explain(state: RetryCallState) -> None:
    """Report why there is a wait, and how long it is."""
    error = state.outcome.exception() if state.outcome else None
    wait = state.next_action.sleep if state.next_action else 0.0
    note(f"{error}; trying again in {wait:.0f} s")
