"""What somebody has open ends soon after they may no longer see it."""

import asyncio

import pytest

from trax.errors import StoreUnavailable
from trax.service.folders import give
from trax.store import EVERYTHING, Grant
from trax.web.gate import Gate
from trax.web.rights import Rights, still_sees

GRANTS = (Grant("group", "desk", "viewer"), Grant("user", "editor", "viewer"))

START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/event-stream")],
}
END = {"type": "http.response.body", "body": b"", "more_body": False}


@pytest.fixture
def shared(world):
    """A folder with a transcript of the owner's, shared with a group in which the viewer is."""
    folders, transcript = world.workspace.folders, world.job["transcript"]["id"]
    give(world.workspace, transcript, "owner")
    folders.move(transcript, world.folder)
    folders.set_group("desk", ["viewer"])
    folders.share(world.folder, GRANTS)
    return world


def unshare(world):
    world.workspace.folders.share(world.folder, [])


def make_group_empty(world):
    world.workspace.folders.set_group("desk", [])


def leave_groups(world):
    world.workspace.folders.set_groups_of(world.workspace.users.get("viewer").id, [])


def take_out(world):
    world.workspace.folders.move(world.job["transcript"]["id"], None)


def give_away(world):
    give(world.workspace, world.job["transcript"]["id"], "stranger")


@pytest.mark.parametrize(
    "take_away", [unshare, make_group_empty, leave_groups, take_out, give_away]
)
def test_a_stream_ends_once_what_it_shows_is_no_longer_seen(shared, monkeypatch, take_away):
    """Whatever took the right away; it goes on as long as nothing did, whatever others lose."""
    monkeypatch.setattr("trax.web.gate._GLANCE", 0.01)
    monkeypatch.setattr("trax.web.rights._LOOK", 0.01)
    world = shared
    rights = Rights(world.workspace.folders)
    sent: list[dict] = []

    async def stream(_scope, _receive, send):
        await send(START)
        await asyncio.sleep(0.2)
        world.workspace.folders.share(world.folder, GRANTS[:1])
        await asyncio.sleep(0.2)
        assert len(sent) == 1, "it went on while nothing was taken away"
        take_away(world)
        await asyncio.sleep(60)

    listened(world, rights, stream, sent)
    assert sent[-1] == END


def test_what_could_not_be_looked_up_is_looked_up_again(shared, monkeypatch):
    """A right that ended while the database was away ends the stream once it is back."""
    monkeypatch.setattr("trax.web.gate._GLANCE", 0.01)
    monkeypatch.setattr("trax.web.rights._LOOK", 0.01)
    failures = [StoreUnavailable("away", "short")] * 2
    sent: list[dict] = []

    async def sees(scope):
        if failures and not shared.workspace.folders.get(shared.folder, EVERYTHING).grants:
            raise failures.pop()
        return await still_sees(scope)

    async def stream(_scope, _receive, send):
        await send(START)
        unshare(shared)
        await asyncio.sleep(60)

    monkeypatch.setattr("trax.web.gate.still_sees", sees)
    listened(shared, Rights(shared.workspace.folders), stream, sent)
    assert (failures, sent[-1]) == ([], END)


def listened(world, rights, stream, sent):
    """Have the viewer follow the job until the stream ends."""

    async def send(message):
        sent.append(message)

    async def listen():
        watching = asyncio.create_task(rights.watch())
        scope = {
            "type": "http",
            "method": "GET",
            "path": f"/v1/jobs/{world.job['id']}/events",
            "path_params": {"job_id": world.job["id"]},
            "scheme": "http",
            "headers": [(b"authorization", f"Bearer {world.secrets['viewer']}".encode())],
            "app": world.app,
        }
        gate = Gate(stream, world.service.access, rights)
        await asyncio.wait_for(gate(scope, None, send), 30)
        watching.cancel()

    asyncio.run(listen())
