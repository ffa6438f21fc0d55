"""Voices that were borrowed, once they are forgotten."""

from pathlib import Path

import pytest
from test_revoicing import done

from trax.service.borrowed import has_forgotten_voice
from trax.service.forgetting import forget_sound
from trax.testing.talk import SCRIPT, ScriptedTalk
from trax.testing.web_server import serving

SPEECH = Path(__file__).resolve().parents[1] / "samples" / "conversation.flac"


@pytest.fixture
def engines():
    return ScriptedTalk(script=SCRIPT)


@pytest.fixture
def client(home, workspace):
    with serving(workspace) as opened:
        yield opened


def made(client, path) -> dict:
    """A job that speaks in the voice of Anna."""
    sent = client.put("/v1/uploads/talk.wav", content=path.read_bytes()).json()
    voice = client.put("/v1/uploads/anna.flac", content=SPEECH.read_bytes()).json()
    replacement = {
        "speaker": "Speaker 2",
        "reference": voice["id"],
        "consent": "signed form",
        "person": "Anna ",
    }
    body = {"upload": sent["id"], "revoice": {"replacements": [replacement]}}
    return done(client, client.post("/v1/jobs", json=body))


@pytest.mark.parametrize("remove", [False, True])
def test_forgetting_a_voice_tells_and_removes_what_was_made_with_it(
    client, engines, workspace, tmp_path, remove
):
    """The reference goes, the job says no longer whose voice it was; its result goes if asked."""
    job = made(client, engines.write(tmp_path / "talk.wav", 44_100))
    (reference,) = (each["reference"] for each in job["options"]["replacements"])
    listed = client.get("/v1/voices/anna/made").json()
    assert ([each["id"] for each in listed["items"]], listed["others"]) == ([job["id"]], 0)
    answer = client.delete("/v1/voices/Anna", params={"made": remove})
    assert answer.json() == {"transcripts": [], "jobs": [job["id"]]}
    now = client.get(f"/v1/jobs/{job['id']}").json()
    assert "Anna" not in str(now["options"])
    assert workspace.objects.stat(reference.removeprefix("object:")) is None
    assert has_forgotten_voice(workspace, job["id"])
    again = client.post(f"/v1/jobs/{job['id']}/again", json={})
    assert (again.status_code, "was forgotten" in again.text) == (422, True)
    status = client.get(f"/v1/jobs/{job['id']}/audio").status_code
    assert status == (404 if remove else 200)
    refused = client.delete("/v1/voices/Anna")
    assert refused.status_code == 404


def test_nobody_asks_for_a_voice_as_forgotten(client, engines, tmp_path):
    """It would need no consent."""
    data = engines.write(tmp_path / "talk.wav", 44_100).read_bytes()
    sent = client.put("/v1/uploads/talk.wav", content=data).json()
    asked = {"speaker": "Speaker 2", "reference": sent["id"], "forgotten": True}
    body = {"upload": sent["id"], "revoice": {"replacements": [asked]}}
    refused = client.post("/v1/jobs", json=body)
    assert (refused.status_code, "was forgotten" in refused.text) == (422, True)


def test_with_a_recording_the_voices_that_were_borrowed_for_it_go(
    client, engines, workspace, tmp_path
):
    """And it cannot be made again."""
    job = made(client, engines.write(tmp_path / "talk.wav", 44_100))
    (reference,) = (each["reference"] for each in job["options"]["replacements"])
    recording = workspace.recordings.get(workspace.jobs.get(job["id"]).recording_sha256)
    forget_sound(workspace, recording)
    assert workspace.objects.stat(reference.removeprefix("object:")) is None
    again = client.post(f"/v1/jobs/{job['id']}/again", json={})
    assert (again.status_code, "voice is gone" in again.text) == (422, True)
