"""What people say about words of a transcript, and suggest in their place."""

import io
from datetime import UTC, datetime

import pytest

from trax.export import FORMATS
from trax.export.remarks import Remark, Said
from trax.service import comments
from trax.store.comments import CommentRepository
from trax.testing import transcript
from trax.transcript import identified


@pytest.fixture
def commented(world):
    """The path of the owner's transcript, which the editor may change and the viewer may see."""
    name = world.job["transcript"]["id"]
    return f"/v1/transcripts/{name}"


def said_about(world, path: str, text: str = "really?", who: str = "editor", **more) -> dict:
    document = world.ask("owner", "GET", path).json()
    word = document["segments"][0]["words"][0]
    body = {"first": word["id"], "last": word["id"], "quote": word["text"], "text": text, **more}
    return world.ask(who, "POST", f"{path}/comments", json=body).json()


def test_a_thread_is_begun_answered_resolved_and_deleted(world, commented):
    """By those who may edit; whoever may see the transcript reads it."""
    made = said_about(world, commented)
    reply = f"{commented}/comments/{made['id']}/replies"
    assert world.ask("owner", "POST", reply, json={"text": "yes"}).status_code == 201
    (found,) = world.ask("viewer", "GET", f"{commented}/comments").json()["comments"]
    assert found["author"]["name"] == "editor"
    assert [each["text"] for each in found["replies"]] == ["yes"]
    own = f"{commented}/comments/{made['id']}"
    assert world.ask("owner", "PATCH", own, json={"resolved": True}).json()["resolved"]
    assert world.ask("viewer", "DELETE", own).status_code == 403
    assert world.ask("editor", "DELETE", own).status_code == 204
    assert world.ask("viewer", "GET", f"{commented}/comments").json()["comments"] == []


@pytest.mark.parametrize("deed", ["resolve", "decide", "answer"])
def test_what_is_deleted_in_the_same_moment_is_not_there(world, commented, monkeypatch, deed):
    """Whoever decides about it or answers it learns that it is gone."""
    kind = "suggestions" if deed == "decide" else "comments"
    document = world.ask("owner", "GET", commented).json()
    word = document["segments"][0]["words"][0]
    body = {"first": word["id"], "last": word["id"], "quote": word["text"], "text": "so"}
    made = world.ask("editor", "POST", f"{commented}/{kind}", json=body).json()
    seen = comments._seen

    def seen_last(workspace, *given):
        found = seen(workspace, *given)
        CommentRepository(workspace.database).remove(found)
        return found

    monkeypatch.setattr(comments, "_seen", seen_last)
    own = f"{commented}/{kind}/{made['id']}"
    asked = {
        "resolve": ("PATCH", own, {"resolved": True}),
        "decide": ("PATCH", own, {"state": "refused"}),
        "answer": ("POST", f"{own}/replies", {"text": "yes"}),
    }
    method, path, given = asked[deed]
    answer = world.ask("owner", method, path, json=given)
    assert answer.status_code == 404, answer.text
    assert "deleted" in answer.json()["detail"]


def test_who_may_only_see_says_nothing(world, commented):
    """Nor do strangers learn that there is something to say."""
    body = {"first": "a", "last": "a", "quote": "", "text": "hm"}
    assert world.ask("viewer", "POST", f"{commented}/comments", json=body).status_code == 403
    assert world.ask("stranger", "POST", f"{commented}/comments", json=body).status_code == 404


def test_a_link_that_lets_people_comment_does(world, commented):
    """Under the name that they give, and no more than that: they decide about no suggestion."""
    made = {}
    for permission in ("view", "comment"):
        answer = world.ask("owner", "POST", f"{commented}/links", json={"permission": permission})
        opened = world.ask("nobody", "POST", "/v1/shared", json={"link": answer.json()["secret"]})
        made[permission] = opened.json()["token"], answer.json()["id"]
    body = {"first": "a", "last": "a", "quote": "q", "text": "hm", "name": "Aunt  Ada"}
    for permission, status in (("view", 403), ("comment", 201)):
        token, link = made[permission]
        headers = {"Authorization": f"Bearer {token}"}
        path = f"/v1/shared/{link}"
        answer = world.client.post(f"{path}/comments", json=body, headers=headers)
        assert answer.status_code == status, answer.text
    assert answer.json()["author"]["name"] == "Aunt Ada"
    assert answer.json()["author"]["guest"]
    suggested = world.client.post(f"{path}/suggestions", json=body, headers=headers).json()
    deciding = f"{path}/suggestions/{suggested['id']}"
    refused = world.client.patch(deciding, json={"state": "accepted"}, headers=headers)
    assert refused.status_code == 403
    accepted = world.ask(
        "editor",
        "PATCH",
        f"{commented}/suggestions/{suggested['id']}",
        json={"state": "accepted"},
    )
    assert accepted.json()["state"] == "accepted"


def test_a_guest_learns_of_no_name_whether_it_is_a_user_s(world, commented):
    """However it is written, the answer is as to any other name: it says that it is a guest's."""
    answer = world.ask("owner", "POST", f"{commented}/links", json={"permission": "comment"})
    opened = world.ask("nobody", "POST", "/v1/shared", json={"link": answer.json()["secret"]})
    headers = {"Authorization": f"Bearer {opened.json()['token']}"}
    path = f"/v1/shared/{answer.json()['id']}/comments"
    body = {"first": "a", "last": "a", "quote": "q", "text": "hm"}
    for name in ("editor", " Editor ", "ｅｄｉｔｏｒ", "Ada"):
        said = world.client.post(path, json=body | {"name": name}, headers=headers)
        assert said.status_code == 201, said.text
        assert said.json()["author"]["guest"]
    assert not said_about(world, commented)["author"]["guest"]


def remark(document, at: int, last: int, text: str) -> Remark:
    moment = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    words = document.words[at : last + 1]
    quote = " ".join(word.text for word in words)
    said = (Said("Ann", moment, text), Said("Ben", moment, "indeed"))
    return Remark(first=words[0].id, last=words[-1].id, quote=quote, said=said)


def test_exports_have_comments_at_their_words():
    """Word's own comments in a Word document, footnotes in Markdown; the text is the same."""
    from docx import Document

    document = identified(transcript())
    said = [remark(document, 1, 3, "why?"), remark(document, 0, 0, "hello *")]
    gone = Remark(first="x", last="y", quote="gone words", said=said[0].said)
    written = FORMATS["docx"].render_with(document, [*said, gone])
    plain = Document(io.BytesIO(FORMATS["docx"].render(document)))
    made = Document(io.BytesIO(written))
    assert sorted(comment.author for comment in made.comments) == ["Ann", "Ann"]
    assert sorted(comment.text for comment in made.comments) == [
        "hello *\nBen: indeed",
        "why?\nBen: indeed",
    ]
    texts = [paragraph.text for paragraph in made.paragraphs]
    assert texts[: len(plain.paragraphs)] == [paragraph.text for paragraph in plain.paragraphs]
    assert "gone words" in texts
    markdown = FORMATS["md"].render_with(document, [*said, gone]).decode()
    assert "[^1]" in markdown
    assert "gone words" in markdown
    assert "Ann: hello \\*" in markdown
