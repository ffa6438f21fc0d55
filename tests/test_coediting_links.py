"""Who came by a link writes into the same text as those who have signed in, as a guest."""

import asyncio
import time
from collections.abc import Callable

import httpx
import pytest

pytest.importorskip("pycrdt")
from test_coediting_rooms import service

from trax.errors import AccessDenied, InvalidOption, NotFound
from trax.service import coediting, comments, links, sessions, users
from trax.service.access import ANYBODY, Caller
from trax.service.attempts import Attempts
from trax.service.folders import give
from trax.service.links import Visit, Wanted
from trax.testing import transcript
from trax.testing.coediting import Writer, opened
from trax.testing.engine_server import scripted_workspace
from trax.transcript import identified
from trax.web.coediting import peers, wire

Visiting = Callable[..., Visit]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("guests") / "home"


@pytest.fixture(scope="module")
def workspace(home):
    return scripted_workspace(home)


@pytest.fixture(scope="module")
def owner(workspace) -> str:
    """The secret of somebody who has signed in."""
    user = users.add(workspace.users, "ann", "correct horse battery", ["read", "write"])
    return sessions.open_session(workspace.users, user).secret


@pytest.fixture(scope="module")
def server(home, owner):
    with service(home) as (url, _process):
        yield url


@pytest.fixture
def base(workspace, owner, request):
    """A transcript of ann's."""
    name = f"{abs(hash(request.node.name)):012x}"[:12]
    made = identified(transcript())
    made = type(made)(**{**{f: getattr(made, f) for f in made.__slots__}, "id": name})
    workspace.repository.save(made, None)
    give(workspace, made.id, "ann")
    return made


@pytest.fixture
def visiting(workspace, base) -> Visiting:
    """Makes a link to it and opens that."""

    def visit(permission: str, **more: object) -> Visit:
        made = links.create(
            workspace.links, ANYBODY, base.id, Wanted(permission=permission, **more)
        )
        return links.open_link(workspace.links, Attempts(), made.secret, "", "here")

    return visit


def caller_of(visit: Visit) -> Caller:
    return links.visitor(visit.link)


@pytest.mark.parametrize(
    ("permission", "part"), [("edit", "editor"), ("comment", "commenter"), ("view", "viewer")]
)
def test_a_link_is_a_part_until_it_is_revoked(workspace, base, visiting, permission, part):
    """Whoever still holds what they opened it with has none any more."""
    visit = visiting(permission)
    assert coediting.part_of(workspace, caller_of(visit), base.id) == part
    workspace.links.revoke(base.id, visit.link.id)
    with pytest.raises(NotFound, match="revoked"):
        coediting.part_of(workspace, caller_of(visit), base.id)


def test_who_may_only_view_joins_nobody(workspace, base, visiting):
    """By a link that shows alone, or a passage: neither who is here nor what they say is shown."""
    for visit in (visiting("view"), visiting("comment", passage=(0.0, 1.0))):
        with pytest.raises(AccessDenied):
            coediting.check_joining(caller_of(visit))
    with pytest.raises(AccessDenied):
        comments.comments_of(workspace, caller_of(visiting("view")), base.id)
    assert comments.comments_of(workspace, caller_of(visiting("comment")), base.id) == []
    coediting.check_joining(caller_of(visiting("comment")))
    coediting.check_joining(ANYBODY)


def test_a_guest_is_called_as_they_say(visiting):
    """Whoever has signed in is called as they are."""
    guest = caller_of(visiting("edit"))
    assert coediting.author_of(guest, " Aunt  Ada ").name == "Aunt Ada"
    assert coediting.author_of(guest).name == guest.name
    assert coediting.author_of(ANYBODY, "Ada").name == ANYBODY.name
    with pytest.raises(InvalidOption):
        coediting.author_of(guest, "x" * 101)


def test_a_guest_and_a_user_write_one_text(server, workspace, base, owner, visiting):
    """Two guests with one link are two people; the version names all, guests as such."""
    visit = visiting("edit")
    ann = Writer(server, base.id, owner)
    guests = [Writer(server, "", visit.secret, visit.link.id, name) for name in ("Ada", "Bo")]
    assert {guest.document for guest in guests} == {ann.document}
    for writer, word in ((ann, "ANN "), *zip(guests, ("ADA ", "BO "), strict=True)):
        with writer.lock:
            writer.text().insert(1, word)
    for writer in (ann, *guests):
        assert writer.until(lambda w=writer: all(n in w.said() for n in ("ANN", "ADA", "BO")))
        assert writer.until(writer.is_kept)
    headers = {"Authorization": f"Bearer {visit.secret}"}
    path = f"{server}/v1/shared/{visit.link.id}/coediting/save"
    assert httpx.post(path, headers=headers).raise_for_status().json()["version"] == 2
    (made,) = workspace.revisions.newest(base.id)
    assert {links.shown_name(each) for each in made.authors} == {"ann", "Ada (guest)", "Bo (guest)"}
    shown = httpx.get(
        f"{server}/v1/transcripts/{base.id}/revisions", headers={"Authorization": f"Bearer {owner}"}
    ).json()
    marks = {each["name"]: each["guest"] for each in shown["items"][0]["authors"]}
    assert marks == {"ann": False, "Ada": True, "Bo": True}
    for writer in (ann, *guests):
        writer.close()


def test_a_link_to_comment_writes_nothing_into_the_text(server, base, owner, visiting):
    """Its holder sees the text live and hears what is said about it."""
    visit = visiting("comment")
    guest = Writer(server, "", visit.secret, visit.link.id, "Ada")
    ann = Writer(server, base.id, owner)
    assert guest.role == "commenter"
    with ann.lock:
        ann.text().insert(1, "ANN ")
    assert guest.until(lambda: "ANN" in guest.said())
    with guest.lock:
        guest.text().insert(1, "mine now ")
    assert guest.until(lambda: any(each["type"] == "refused" for each in guest.told))
    assert "mine now" not in ann.said()
    word = base.words[0]
    body = {"first": word.id, "last": word.id, "quote": word.text, "text": "hm", "name": "Ada"}
    path = f"{server}/v1/transcripts/{base.id}/comments"
    httpx.post(path, json=body, headers={"Authorization": f"Bearer {owner}"}).raise_for_status()
    assert guest.until(lambda: any(each.get("comments") for each in guest.told))
    for writer in (guest, ann):
        writer.close()


def test_what_a_guest_writes_after_the_link_was_revoked_is_dropped(
    server, workspace, base, owner, visiting
):
    """However soon; and the connection ends by itself."""
    visit = visiting("edit")
    busy, idle = (Writer(server, "", visit.secret, visit.link.id) for _ in range(2))
    ann = Writer(server, base.id, owner)
    with busy.lock:
        busy.text().insert(1, "in time ")
    assert ann.until(lambda: "in time" in ann.said())
    workspace.links.revoke(base.id, visit.link.id)
    time.sleep(1.0)
    with busy.lock:
        busy.text().insert(1, "too late ")
    for writer in (idle, busy):
        assert writer.until(lambda w=writer: w.code is not None)
        assert writer.code == 1008
    with pytest.raises(httpx.HTTPStatusError):
        opened(server, "", visit.secret, visit.link.id)
    with ann.lock:
        ann.text().insert(1, "still ")
    assert ann.until(ann.is_kept)
    assert "in time" in ann.said()
    assert "too late" not in ann.said()
    ann.close()


def test_each_message_is_looked_at_though_the_connection_is_still_open(
    workspace, base, visiting, monkeypatch
):
    """By what the link allows now, not when it was opened."""
    monkeypatch.setattr(peers, "_FRESH", -1.0)
    visit = visiting("edit")
    caller = caller_of(visit)
    peer = peers.Peer(
        None,
        coediting.author_of(caller),
        "editor",
        lambda: coediting.part_of(workspace, caller, base.id),
    )
    assert asyncio.run(peer.part()) == "editor"
    workspace.links.revoke(base.id, visit.link.id)
    assert asyncio.run(peer.part()) is None


def test_a_guest_s_presence_is_marked_as_one(server, base, owner, visiting):
    """Whatever their page says they are."""
    visit = visiting("edit")
    ann = Writer(server, base.id, owner)
    guest = Writer(server, "", visit.secret, visit.link.id, "Ada")
    told = wire.awareness("meta", [wire.Presence(7, 1, {"user": {"id": "ann", "name": "ann"}})])
    guest.socket.send(told)
    assert ann.until(lambda: 7 in ann.present)
    assert ann.present[7]["user"] == {
        "id": f"link {visit.link.id}",
        "name": "Ada",
        "guest": True,
    }
    for writer in (guest, ann):
        writer.close()


def remark_on(first, last, name: str = "") -> comments.Draft:
    return comments.Draft(first=first.id, last=last.id, quote="these", text="hm", name=name)


def test_no_guest_deletes_what_another_said(workspace, base, visiting):
    """All who have opened a link are one to the service; whoever may edit deletes any comment."""
    made = links.create(workspace.links, ANYBODY, base.id, Wanted(permission="comment"))
    one, other = (
        caller_of(links.open_link(workspace.links, Attempts(), made.secret, "", "here"))
        for _ in range(2)
    )
    word = base.words[0]
    said = comments.say(workspace, one, base.id, remark_on(word, word, "Ada"))
    with pytest.raises(AccessDenied, match="deleted by whoever made it"):
        comments.remove(workspace, other, base.id, said.id)
    assert [each.id for each in comments.comments_of(workspace, one, base.id)] == [said.id]
    comments.remove(workspace, caller_of(visiting("edit")), base.id, said.id)
    assert comments.comments_of(workspace, one, base.id) == []


def test_a_passage_shows_no_comment_that_leaves_it(workspace, base, visiting):
    """Its quote would hold words from outside; nor is any made there."""
    first, *_, last = base.words
    guest = caller_of(visiting("comment", passage=(0.0, first.end)))
    within = comments.say(workspace, guest, base.id, remark_on(first, first))
    across = comments.say(workspace, ANYBODY, base.id, remark_on(first, last))
    assert [each.id for each in comments.comments_of(workspace, guest, base.id)] == [within.id]
    with pytest.raises(NotFound):
        comments.answer(workspace, guest, base.id, across.id, "hm", "")
    with pytest.raises(AccessDenied, match="passage"):
        comments.say(workspace, guest, base.id, remark_on(first, last))


@pytest.mark.parametrize(
    ("given", "shown"),
    [("\u202eannA", "annA"), ("\u200b\u200d", "a link"), ("نمی\u200cدانم", "نمی\u200cدانم")],
)
def test_a_guests_name_turns_nothing_and_is_seen(visiting, given, shown):
    """What joins letters stays, where there are letters."""
    guest = caller_of(visiting("comment"))
    expected = guest.name if shown == "a link" else shown
    assert coediting.author_of(guest, given).name == expected
