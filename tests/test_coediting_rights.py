"""Who may write into a document that several people have open, and who may not any more."""

import random
import time

import pytest

pytest.importorskip("pycrdt")
from test_coediting_rooms import service

from trax.service import sessions, users
from trax.service.folders import give
from trax.store import DocumentRepository, Grant
from trax.testing import transcript
from trax.testing.coediting import Writer
from trax.testing.engine_server import scripted_workspace
from trax.transcript import identified
from trax.web.coediting import wire


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """The address of a service, the secrets of an owner, an editor and a viewer, and the folder
    that gives them their rights.
    """
    home = tmp_path_factory.mktemp("rights") / "home"
    workspace = scripted_workspace(home)
    secrets = {}
    for name in ("owner", "editor", "viewer"):
        user = users.add(workspace.users, name, "correct horse battery", ["read", "write"])
        secrets[name] = sessions.open_session(workspace.users, user).secret
    base = identified(transcript())
    workspace.repository.save(base, None)
    give(workspace, base.id, "owner")
    folder = workspace.folders.add(workspace.users.get("owner").id, "shared")
    workspace.folders.move(base.id, folder)
    grants = [Grant("user", "viewer", "viewer"), Grant("user", "editor", "editor")]
    workspace.folders.share(folder, grants)
    with service(home) as (url, _process):
        yield url, secrets, workspace, folder, base


def test_a_viewer_s_messages_change_nothing_and_harm_nobody(shared):
    """Whatever they send: well made, damaged, or another's presence."""
    url, secrets, workspace, _folder, base = shared
    editor = Writer(url, base.id, secrets["editor"])
    viewer = Writer(url, base.id, secrets["viewer"])
    assert viewer.role == "viewer"
    before = len(DocumentRepository(workspace.database).load(viewer.document).updates)
    with viewer.lock:
        viewer.text().insert(1, "mine now ")
    assert viewer.until(lambda: any(each["type"] == "refused" for each in viewer.told))
    chance = random.Random(7)
    good = wire.content("0", wire.Step.UPDATE, viewer.rooms["0"].get_update())
    for _ in range(300):
        data = bytearray(good[: chance.randrange(1, 200)])
        for _ in range(3):
            data[chance.randrange(len(data))] = chance.randrange(256)
        viewer.socket.send(bytes(data))
    viewer.socket.send(wire.content("0", wire.Step.STATE, b"\x00"))
    with editor.lock:
        editor.text().insert(1, "still ")
    assert editor.until(editor.is_kept)
    assert "mine now" not in editor.said()
    after = DocumentRepository(workspace.database).load(editor.document).updates
    assert len(after) <= before + 1
    editor.close()
    viewer.close()


def test_a_right_that_is_taken_away_ends_the_connection(shared):
    """Of whoever sees it no longer, and of whoever may only look on from now on."""
    url, secrets, workspace, folder, base = shared
    editor = Writer(url, base.id, secrets["editor"])
    viewer = Writer(url, base.id, secrets["viewer"])
    workspace.folders.share(folder, [Grant("user", "editor", "viewer")])
    assert viewer.until(lambda: viewer.code is not None)
    assert viewer.code == 1008
    time.sleep(1.0)
    with editor.lock:
        editor.text().insert(1, "too late ")
    assert editor.until(lambda: editor.code is not None)
    owner = Writer(url, base.id, secrets["owner"])
    assert "too late" not in owner.said()
    owner.close()
