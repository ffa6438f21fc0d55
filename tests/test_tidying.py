"""What a service does now and then, whatever one of its duties runs into."""

import asyncio

import pytest

from trax.errors import StoreUnavailable
from trax.web import tidying


@pytest.mark.parametrize("failure", [StoreUnavailable("away"), RuntimeError("unforeseen")])
def test_a_duty_that_fails_is_tried_again_and_holds_up_no_other(failure):
    """Whether a store was away or nobody thought of it."""
    begun, done = [], asyncio.Event()

    def fails() -> None:
        begun.append(len(begun))
        raise failure

    def works() -> None:
        if len(begun) == 2:
            done.set()

    async def both() -> None:
        duties = asyncio.create_task(tidying.repeated([fails, works], 0.0, "later"))
        await asyncio.wait_for(done.wait(), 30)
        duties.cancel()

    asyncio.run(both())
