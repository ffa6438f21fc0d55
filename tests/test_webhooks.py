"""Webhooks: nothing is lost, and everything about one job arrives in order."""

import asyncio
import json
import threading
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from trax.errors import InvalidOption, NotFound, Unreachable
from trax.service import webhooks
from trax.service.access import ANYBODY, Caller
from trax.service.delivering import FAILING, TRIED, Answer, Deliverer, seconds_until
from trax.service.targets import Targets
from trax.service.tokens import create as create_token
from trax.service.users import add as add_user
from trax.store import (
    DeliveryRepository,
    JobQueue,
    JobRepository,
    JobRequest,
    TokenRepository,
    User,
    UserRepository,
    WebhookRepository,
)
from trax.store.audit import in_utc
from trax.store.tables import DeliveryRow

ALL = webhooks.EVENTS
ANYWHERE = Targets(resolve=lambda _host, _port: ["93.184.215.14"])


def caller(name: str, *scopes: str) -> Caller:
    return Caller(id=name, name=name, scopes=frozenset(scopes or ("jobs", "read")))


ME = caller("me")


class World:
    """A database with jobs, receivers, and a clock that is set."""

    def __init__(self, database):
        self.database = database
        self.now = datetime.now(UTC)
        self.away: set[str] = set()
        self.status: dict[str, int] = {}
        self.rest: dict[str, float] = {}
        self.got: dict[str, list[dict]] = defaultdict(list)
        self.tries: dict[str, list[datetime]] = defaultdict(list)
        self.tried: list[dict] = []
        self.deliverer = Deliverer(database, self.send, lambda: self.now, lambda: 0.5)

    async def send(self, webhook, delivery, at):
        self.tries[webhook.url].append(self.now)
        await asyncio.sleep(0)
        if webhook.url in self.away:
            raise Unreachable("nobody answers there")
        told = json.loads(delivery.body)
        self.tried.append(told)
        status = self.status.get(told["data"].get("job_id", webhook.url), 200)
        if status == 200:
            self.got[webhook.url].append(told)
        return Answer(status, 0.0 if status == 200 else self.rest.get(webhook.url, 0.0))

    def hook(self, name="a", events=ALL, caller=ME):
        return webhooks.create(self.database, ANYWHERE, caller, f"https://{name}.example/", events)

    def job(self, name: str, account: str = "me") -> str:
        """A job that is done at once."""
        request = JobRequest(
            pipeline="transcribe",
            key=name * 16,
            recording_sha256=None,
            name="secret-name.wav",
            source="secret-source",
            size_bytes=0,
            options={},
            account=account,
        )
        JobQueue(self.database).put(request)
        taken = JobQueue(self.database).take("me")
        JobRepository(self.database).complete(taken.request.id, "me")
        return request.id

    def pass_time(self, seconds=3.0):
        """Let time go by, and whoever delivers look whenever something is due."""

        async def look():
            until = self.now + timedelta(seconds=seconds)
            while True:
                await self.deliverer.look()
                await self.deliverer.settled()
                due = self.next_due()
                if due is None or due > until:
                    self.now = until
                    return
                self.now = max(self.now, due)

        asyncio.run(look())

    def next_due(self) -> datetime | None:
        with self.database.reading() as session:
            pending = (DeliveryRow.state == "pending", DeliveryRow.next_at > self.now)
            due = session.scalar(select(func.min(DeliveryRow.next_at)).where(*pending))
            return None if due is None else in_utc(due)

    def states(self, hook) -> list[str]:
        return [each.state for each in DeliveryRepository(self.database).newest(hook.id, 100)]


@pytest.fixture
def world(database):
    made = World(database)
    for name in ("me", "a"):
        user = User(id=name, name=name, full_name="", scopes="jobs read", created_at=made.now)
        UserRepository(database).add(user, "")
    return made


def url(name: str) -> str:
    return f"https://{name}.example/"


def kinds(told: list[dict]) -> list[str]:
    return [each["type"] for each in told]


class TestDelivering:
    def test_nothing_is_lost_while_a_receiver_is_away(self, world):
        """Ten minutes; then all of it arrives, in the order of each job, and soon."""
        world.hook()
        world.away.add(url("a"))
        jobs = [world.job("x")]
        world.pass_time(300)
        jobs += [world.job(name) for name in "yz"]
        world.pass_time(300)
        assert world.got[url("a")] == []
        world.away.clear()
        world.pass_time(300)
        told = world.got[url("a")]
        for job in jobs:
            of_job = [each for each in told if each["data"]["job_id"] == job]
            assert kinds(of_job) == ["job.queued", "job.completed"]
        assert len(told) == 6
        assert len(world.tries[url("a")]) < 40

    def test_a_dead_receiver_holds_nobody(self, world):
        """Others are told at once."""
        world.hook("a")
        world.hook("b")
        world.away.add(url("a"))
        for name in "xyz":
            world.job(name)
        world.pass_time()
        assert len(world.got[url("b")]) == 6

    def test_a_slow_receiver_holds_nobody(self, world):
        """While it thinks, others are told."""
        world.hook("slow")
        world.hook("b")
        world.job("x")
        released = []

        async def send(webhook, delivery, at):
            if webhook.url == url("slow"):
                await released[0].wait()
            return await world.send(webhook, delivery, at)

        async def both():
            released.append(asyncio.Event())
            deliverer = Deliverer(world.database, send, lambda: world.now)
            await deliverer.look()
            while len(world.got[url("b")]) < 2:
                await asyncio.sleep(0.01)
            assert world.got[url("slow")] == []
            released[0].set()
            await deliverer.settled()

        asyncio.run(asyncio.wait_for(both(), 30))
        assert len(world.got[url("slow")]) == 2

    def test_what_is_refused_holds_its_own_job_alone(self, world):
        """And what comes after it waits for it."""
        world.hook()
        bad, good = world.job("x"), world.job("y")
        world.status[bad] = 500
        world.pass_time(60)
        assert {each["data"]["job_id"] for each in world.got[url("a")]} == {good}
        tried = [each for each in world.tried if each["data"]["job_id"] == bad]
        assert set(kinds(tried)) == {"job.queued"}
        world.status.clear()
        world.pass_time(300)
        of_bad = [each for each in world.got[url("a")] if each["data"]["job_id"] == bad]
        assert kinds(of_bad) == ["job.queued", "job.completed"]

    def test_a_message_is_tried_for_a_day_and_less_and_less_often(self, world):
        """Then it has failed, and can be sent again."""
        hook, began = world.hook(events=["job.completed"]), world.now
        world.away.add(url("a"))
        job = world.job("x")
        world.pass_time(TRIED.total_seconds() + 3600)
        assert world.states(hook) == ["failed"]
        tries = world.tries[url("a")]
        assert 8 < len(tries) < 20
        gaps = [later - earlier for earlier, later in pairwise(tries)]
        assert gaps == sorted(gaps)
        world.away.clear()
        assert webhooks.replay_failed(world.database, hook, began) == 1
        world.pass_time()
        assert [each["data"]["job_id"] for each in world.got[url("a")]] == [job]

    def test_a_receiver_that_wants_a_rest_has_it(self, world):
        """Nothing is sent to it before it said, about whatever job; others are not concerned."""
        hook, other = world.hook("a", ["job.completed"]), world.hook("b", ["job.completed"])
        first = world.job("x")
        world.status[first], world.rest[hook.url] = 429, 100.0
        world.pass_time(0)
        world.job("y")
        world.pass_time(99)
        assert (len(world.tries[hook.url]), len(world.got[other.url])) == (1, 1)
        world.status.clear()
        world.pass_time(1)
        world.pass_time(0)
        assert len(world.got[hook.url]) == 2

    def test_nobody_has_a_rest_for_ever(self, world):
        """After four hours it is tried again."""
        hook = world.hook("a", ["job.completed"])
        world.status[world.job("x")], world.rest[hook.url] = 503, 1e9
        world.pass_time(0)
        assert len(world.tries[hook.url]) == 1
        world.pass_time(4 * 3600)
        world.pass_time(0)
        assert len(world.tries[hook.url]) == 2

    def test_a_sender_that_dies_loses_nothing(self, world):
        """What it had taken comes again."""
        hook = world.hook(events=["job.completed"])
        world.job("x")

        async def die(webhook, delivery, at):
            raise KeyboardInterrupt

        async def look():
            deliverer = Deliverer(world.database, die, lambda: world.now)
            await deliverer.look()
            await deliverer.settled()

        with pytest.raises(KeyboardInterrupt):
            asyncio.run(look())
        world.pass_time()
        assert world.states(hook) == ["pending"]
        world.pass_time(61)
        assert world.states(hook) == ["delivered"]
        assert len(world.got[url("a")]) == 1

    def test_two_services_tell_each_event_once(self, world):
        """They share one database."""
        world.hook()
        other = World(world.database)
        jobs = [world.job(name) for name in "vwxyz"]
        threads = [threading.Thread(target=each.pass_time) for each in (world, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        world.pass_time()
        told = world.got[url("a")] + other.got[url("a")]
        seen = sorted((each["data"]["job_id"], each["type"]) for each in told)
        assert seen == sorted(
            (job, kind) for job in jobs for kind in ("job.completed", "job.queued")
        )

    def test_a_webhook_that_fails_for_days_is_disabled(self, world):
        """With a note; it is told nothing more until somebody enables it."""
        hook = world.hook(events=["job.completed"])
        world.away.add(url("a"))
        for name in "wxyz":
            world.job(name)
            world.pass_time(FAILING.total_seconds() / 3)
        kept = WebhookRepository(world.database).get(hook.id)
        assert kept.disabled_at is not None
        assert kept.note == "nothing has arrived for 3 days: nobody answers there"
        assert set(world.states(hook)) == {"failed"}
        world.away.clear()
        world.job("u")
        world.pass_time(10)
        assert world.got[url("a")] == []
        with pytest.raises(InvalidOption, match="disabled"):
            webhooks.send_test(world.database, kept)
        WebhookRepository(world.database).enable(hook.id)
        job = world.job("v")
        world.pass_time()
        assert [each["data"]["job_id"] for each in world.got[url("a")]] == [job]

    def test_a_receiver_that_is_gone_is_not_asked_again(self, world):
        """It says so with 410."""
        hook = world.hook(events=["job.completed"])
        world.status[world.job("x")] = 410
        world.pass_time()
        assert "410" in WebhookRepository(world.database).get(hook.id).note

    def test_nobody_is_told_anything_for_a_revoked_token(self, world):
        """Who may not read is not told."""
        tokens = TokenRepository(world.database)
        token = create_token(tokens, "x", ["jobs", "read"]).token
        hook = world.hook(caller=caller(token.id))
        world.job("x", token.id)
        tokens.revoke(token.id)
        world.pass_time()
        assert world.got == {}
        assert "token" in WebhookRepository(world.database).get(hook.id).note

    def test_nobody_is_told_anything_for_a_user_who_is_removed(self, world):
        """What was shared with them may go on."""
        world.hook()
        world.job("x")
        UserRepository(world.database).remove("me")
        world.pass_time()
        assert world.got == {}


NOW = datetime(2026, 11, 26, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("Thu, 26 Nov 2026 20:00:30 GMT", 30.0),
        ("Thu, 26 Nov 2026 19:00:00 GMT", 0.0),
        ("", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 0.0),
        ("9" * 400, 4 * 3600.0),
    ],
)
def test_a_rest_is_seconds_or_a_date(text, seconds):
    """Whatever else it may be is none."""
    assert seconds_until(text, NOW) == seconds


class TestMessages:
    def test_only_ids_and_states_are_told(self, world):
        """No name, no place, no word."""
        world.hook()
        job = world.job("x")
        world.pass_time()
        queued, completed = world.got[url("a")]
        assert queued["data"] == {"job_id": job, "attempt": 0, "status": "queued"}
        assert completed["data"] == {"job_id": job, "attempt": 1, "status": "completed"}
        assert "secret" not in json.dumps(world.got)

    def test_what_happened_before_is_not_told(self, world):
        """To a webhook for all jobs, nor what it did not ask for."""
        world.job("x")
        world.hook("a")
        world.hook("b", events=["job.failed"])
        job = world.job("y")
        world.pass_time()
        assert {each["data"]["job_id"] for each in world.got[url("a")]} == {job}
        assert world.got[url("b")] == []

    @pytest.mark.parametrize("is_told_before", [True, False])
    def test_a_webhook_for_one_job_is_told_of_that_alone(self, world, is_told_before):
        """From when it was queued last on, though that was before; and once."""
        world.hook("other", events=["job.failed"])
        job = world.job("x")
        if is_told_before:
            world.pass_time()
        made = webhooks.new_webhook(ANYWHERE, ME, url("a"), ALL)
        assert webhooks.attach(world.database, made, job).secret == made.secret
        again = webhooks.new_webhook(ANYWHERE, ME, url("a"), ALL)
        assert webhooks.attach(world.database, again, job) is None
        world.job("y")
        world.pass_time()
        assert kinds(world.got[url("a")]) == ["job.queued", "job.completed"]
        assert {each["data"]["job_id"] for each in world.got[url("a")]} == {job}

    def test_a_webhook_is_its_owners_business(self, world):
        """And an administrator's."""
        hook = world.hook(caller=caller("a"))
        other = Caller(id="b", name="b", scopes=frozenset(("jobs", "read")))
        assert webhooks.visible(world.database, other) == []
        with pytest.raises(NotFound):
            webhooks.find(world.database, other, hook.id)
        assert webhooks.visible(world.database, ANYBODY) == [hook]

    def test_nobody_is_told_of_what_they_do_not_see(self, world):
        """Of others' jobs, unless they are shared or one administers; nor of nobody's. An
        administrator's token that allows less tells no more than it shows.
        """
        users = UserRepository(world.database)
        admin = add_user(users, "chief", "", ["admin"])
        world.hook("mine")
        world.hook("admin", caller=caller(admin.id, "admin"))
        world.hook("narrow", caller=caller(admin.id))
        world.hook("machine", caller=ANYBODY)
        mine, others, nobodys = world.job("x"), world.job("y", "other"), world.job("z", "")
        world.pass_time()

        def told(name):
            return {each["data"]["job_id"] for each in world.got[url(name)]}

        assert told("mine") == {mine}
        assert told("narrow") == set()
        assert told("admin") == told("machine") == {mine, others, nobodys}

    def test_old_messages_are_forgotten(self, world):
        """And webhooks for one job with them."""
        job = world.job("x")
        made = webhooks.new_webhook(ANYWHERE, ME, url("a"))
        webhooks.attach(world.database, made, job)
        world.pass_time()
        world.now += timedelta(days=31)
        world.pass_time()
        with pytest.raises(NotFound):
            WebhookRepository(world.database).get(made.id)
