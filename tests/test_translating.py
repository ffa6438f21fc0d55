"""Single passages are translated again."""

from dataclasses import replace

import pytest

from trax.errors import NotFound
from trax.service.translating import words_at
from trax.testing import transcript
from trax.testing.engines import ScriptedModel, shouted, silent
from trax.testing.web_server import serving
from trax.transcript import Notes

URL = f"/v1/transcripts/{transcript().id}"


@pytest.fixture
def document(workspace):
    """With a translation of before."""
    notes = Notes(model="m", translations={"de": ("eins", "zwei", "drei")})
    made = replace(transcript(), notes=notes)
    workspace.repository.save(made)
    return made


@pytest.fixture
def client(workspace, home, document):
    with serving(workspace) as opened:
        opened.headers["If-Match"] = "*"
        yield opened


class TestAgain:
    def test_one_passage_is_translated_and_the_others_stay(self, client, workspace, document):
        """As a change, which an earlier version takes back."""
        workspace.engines.model = ScriptedModel(shouted)
        words = [document.segments[1].words[0].id]
        done = client.post(f"{URL}/translations/de", json={"words": words})
        assert (done.status_code, done.json()["kind"]) == (201, "translated"), done.text
        made = workspace.repository.get(document.id).notes.translations["de"]
        assert made == ("eins", document.segments[1].text.upper(), "drei")
        assert client.post(f"{URL}/versions/1/restore").status_code == 201
        assert workspace.repository.get(document.id).notes == document.notes

    def test_a_new_language_begins_with_what_is_asked(self, client, workspace, document):
        """The rest is empty until somebody asks for it."""
        workspace.engines.model = ScriptedModel(shouted)
        words = [document.words[0].id, document.words[1].id]
        assert client.post(f"{URL}/translations/sv", json={"words": words}).status_code == 201
        made = workspace.repository.get(document.id).notes.translations["sv"]
        assert made == (document.segments[0].text.upper(), "", "")

    def test_without_an_answer_nothing_changes(self, client, workspace, document):
        """With a sentence; so is what makes no sense."""
        words = [document.words[0].id]
        body = {"words": words}
        assert client.post(f"{URL}/translations/de", json=body).status_code == 422
        workspace.engines.model = ScriptedModel(silent)
        answer = client.post(f"{URL}/translations/de", json=body)
        assert answer.status_code == 502
        assert "the server does not answer" in answer.json()["detail"]
        assert client.post(f"{URL}/translations/d e", json=body).status_code == 422
        unknown = client.post(f"{URL}/translations/de", json={"words": ["nobody"]})
        assert unknown.status_code == 404
        assert len(workspace.repository.versions(document.id)) == 1

    def test_a_passage_is_named_by_a_time(self, document):
        """On the command line."""
        assert words_at(document, [6.0]) == [document.segments[1].words[0].id]
        with pytest.raises(NotFound):
            words_at(document, [99.0])
