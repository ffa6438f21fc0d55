"""How a run ends that fails on purpose: with the one sentence that counts, in its state and log."""

import functools
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from prefect import Flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Failed

from trax.errors import TraxError

SomeFlow = TypeVar("SomeFlow", bound=Flow[..., Any])


def failed(error: TraxError) -> State[Any]:
    """The state of a run that *error* ended, which is also in its log. Whoever asks for the run's
    result gets the error.
    """
    sentence = " ".join(str(error).split())
    get_run_logger().error(sentence)
    return Failed(message=sentence, data=error)


def in_a_sentence(flow: SomeFlow) -> SomeFlow:
    """A flow whose runs end with an error's sentence, and without a traceback."""
    run = cast(Callable[..., Awaitable[Any]], flow.fn)

    @functools.wraps(run)
    async def ended(*arguments: Any, **options: Any) -> Any:
        try:
            return await run(*arguments, **options)
        except TraxError as error:
            return failed(error)

    flow.fn = ended
    return flow
