"""Events for many listeners: read once, and for each of them without gap or repeat."""

import asyncio
from datetime import UTC, datetime

import pytest
from fastapi.sse import KEEPALIVE_COMMENT

from trax.errors import StoreUnavailable
from trax.store import EventOf, JobEvent
from trax.store.sight import EVERYTHING, Sight
from trax.web import readings as module
from trax.web.bells import EVERY_JOB, Bells
from trax.web.readings import Readings


class Events:
    """Events that a test adds, some of which only one account sees."""

    def __init__(self):
        self.kept: list[tuple[int, str]] = []
        self.reads = 0
        self.is_away = False

    def add(self, *ids: int, account: str = "anna"):
        self.kept += [(each, account) for each in ids]

    def newest(self) -> int:
        return self.kept[-1][0] if self.kept else 0

    def after(self, last: int, sight: Sight) -> list[EventOf]:
        self.reads += 1
        if self.is_away:
            raise StoreUnavailable("away", "short")
        seen = [
            each
            for each, account in self.kept
            if each > last and (sight.is_whole or account == sight.account)
        ]
        at = datetime(2026, 11, 27, tzinfo=UTC)
        return [
            EventOf("job", JobEvent(id=each, attempt=1, at=at, kind="noted", text=""))
            for each in seen[:3]
        ]


class World:
    """Listeners, events and the bell that is rung for them."""

    def __init__(self):
        self.events = Events()
        self.bells = Bells()
        self.readings = Readings(self.events, self.bells)
        self.tasks: list[asyncio.Task] = []

    def listen(self, last: int, sight: Sight = EVERYTHING) -> list[int]:
        """The ids that somebody sees from now on; 0 is a sign of life."""
        seen: list[int] = []

        async def follow():
            async for data in self.readings.follow(last, sight):
                seen.extend(ids_in(data))

        self.tasks.append(asyncio.create_task(follow()))
        return seen

    async def happen(self, *ids: int, account: str = "anna"):
        """Add events, and wait until they were read and nothing else is."""
        before = self.events.reads
        self.events.add(*ids, account=account)
        self.bells.ring(EVERY_JOB)
        while self.events.reads == before:
            await asyncio.sleep(0.005)
        while before != self.events.reads:
            before = self.events.reads
            await asyncio.sleep(0.05)

    async def end(self):
        self.bells.close()
        await asyncio.wait_for(asyncio.gather(*self.tasks), 10)


def ids_in(data: bytes) -> list[int]:
    if data == KEEPALIVE_COMMENT:
        return [0]
    return [int(line[4:]) for line in data.decode().splitlines() if line.startswith("id: ")]


def lived(scene):
    """Play a scene in a world, and end it."""

    async def play():
        world = World()
        await scene(world)
        await world.end()

    asyncio.run(play())


def test_many_are_told_by_one_reading():
    """However many there are."""

    async def scene(world):
        seen = [world.listen(0) for _ in range(200)]
        await world.happen()
        before = world.events.reads
        await world.happen(1, 2)
        await world.happen(3)
        assert world.events.reads - before <= 4
        assert all(each == [1, 2, 3] for each in seen)

    lived(scene)


@pytest.mark.parametrize("last", range(8))
def test_nobody_misses_an_event_or_sees_one_twice(last):
    """Wherever they go on, before others or behind them."""

    async def scene(world):
        world.events.add(1, 2, 3, 4)
        first = world.listen(4)
        await world.happen(5)
        seen = world.listen(last)
        await world.happen(6)
        await world.happen(7, 8)
        assert seen == [each for each in range(1, 9) if each > last]
        assert first == [5, 6, 7, 8]

    lived(scene)


def test_whoever_is_far_behind_catches_up(monkeypatch):
    """What is no longer remembered is read again."""
    monkeypatch.setattr(module, "_REMEMBERED", 2)

    async def scene(world):
        world.listen(0)
        await world.happen()
        for at in range(1, 20):
            await world.happen(at)
        late = world.listen(1)
        await world.happen(20)
        assert late == list(range(2, 21))

    lived(scene)


def test_who_comes_later_is_told_nothing_that_they_no_longer_see():
    """Not even what is remembered because they saw it when it was read."""

    async def scene(world):
        anna = Sight("anna")
        world.listen(0, anna)
        await world.happen()
        await world.happen(1, 2)
        world.events.kept = [(1, "anna"), (2, "ben")]
        later = world.listen(0, anna)
        await world.happen(3)
        assert later == [1, 3]

    lived(scene)


def test_everybody_sees_what_is_theirs():
    """And no sign of anything else."""

    async def scene(world):
        anna, ben = (world.listen(0, Sight(name)) for name in ("anna", "ben"))
        await world.happen()
        await world.happen(1, account="anna")
        await world.happen(2, account="ben")
        await world.happen(3, account="anna")
        assert (anna, ben) == ([1, 3], [2])

    lived(scene)


def test_there_is_a_sign_of_life_while_nothing_happens(monkeypatch):
    """For proxies, which cut what is silent."""
    monkeypatch.setattr(module, "_PATIENCE", 0.3)  # longer than `happen` waits for quiet

    async def scene(world):
        seen = world.listen(0)
        await asyncio.sleep(0.8)
        assert seen
        assert set(seen) == {0}
        await world.happen(1)
        assert [each for each in seen if each] == [1]

    lived(scene)


def test_streams_end_when_the_database_is_away():
    """Whoever listens comes again, and is told of what they have missed."""

    async def scene(world):
        seen = world.listen(0)
        await world.happen(1)
        world.events.is_away = True
        await world.happen()
        await asyncio.wait_for(asyncio.gather(*world.tasks), 10)
        world.events.is_away = False
        again = world.listen(seen[-1])
        await world.happen(2)
        assert (seen, again) == ([1], [2])

    lived(scene)


def test_nothing_is_read_once_nobody_listens():
    """The last one who leaves ends it."""

    async def scene(world):
        world.listen(0)
        await world.happen(1)
        world.tasks.pop().cancel()
        await asyncio.sleep(0.05)
        before = world.events.reads
        world.events.add(2)
        world.bells.ring(EVERY_JOB)
        await asyncio.sleep(0.05)
        assert (world.events.reads, world.bells.names) == (before, ())

    lived(scene)
