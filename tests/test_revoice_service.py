"""Voices replaced by a service: jobs, their results, whose recordings are listened to."""

from dataclasses import replace

import pytest

from trax.errors import NotFound
from trax.pipelines.jobs import request_of
from trax.pipelines.revoice import REVOICE
from trax.service.borrowed import references_in
from trax.service.uploads import forget, new_upload
from trax.stages.replacement import Replacement, RevoiceOptions
from trax.testing.talk import SCRIPT, ScriptedTalk
from trax.testing.web_server import serving

ASKED = {"replacements": [{"speaker": "Speaker 2", "voice": "high"}]}


@pytest.fixture
def engines():
    return ScriptedTalk(script=SCRIPT)


@pytest.fixture
def client(home, workspace):
    with serving(workspace) as opened:
        yield opened


@pytest.fixture
def recording(tmp_path, engines):
    return engines.write(tmp_path / "talk.wav", 44_100)


def uploaded(client, path) -> str:
    answer = client.post("/v1/uploads", files={"file": (path.name, path.read_bytes())})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def asked(client, path, revoice):
    body = {"upload": uploaded(client, path), "revoice": revoice}
    return client.post("/v1/jobs?wait=60", json=body)


def test_a_job_replaces_voices_and_its_results_are_had(client, recording):
    """The new recording under its name, and the report."""
    job = asked(client, recording, ASKED).json()
    assert (job["pipeline"], job["status"]) == ("revoice", "completed"), job
    audio = client.get(f"/v1/jobs/{job['id']}/audio")
    assert audio.headers["content-type"] == "audio/wav"
    assert 'filename="talk.revoiced.wav"' in audio.headers["content-disposition"]
    assert audio.content[:4] == b"RIFF"
    report = client.get(f"/v1/jobs/{job['id']}/report").json()
    assert len(report["utterances"]) == 3
    assert client.get(f"/v1/jobs/{job['id']}/video").status_code == 404


def test_a_reference_is_an_upload_of_the_caller(client, recording, tmp_path):
    """No path of the service's machine is listened to, whoever asks."""
    replacement = {"speaker": "Speaker 2", "consent": "signed form"}
    refused = asked(
        client, recording, {"replacements": [{**replacement, "reference": str(recording)}]}
    )
    assert refused.status_code == 404
    assert "upload" in refused.json()["detail"]


def test_a_reference_stays_as_long_as_a_job_speaks_in_it(workspace):
    """For it may be made again; the upload is forgotten as any is."""
    key = "uploads/def/voice.wav"
    voice = replace(new_upload("anna", "voice.wav", 1), source=f"object:{key}", sha256="def")
    workspace.objects.put_bytes(key, b"voice")
    workspace.uploads.add(voice)
    asked = Replacement(speaker="Ben", reference=voice.source, consent="signed form")
    options = RevoiceOptions(replacements=(asked,))
    request = request_of(REVOICE, "object:uploads/abc/talk.wav", "abc", 1, options)
    workspace.queue.put(request)
    workspace.jobs.cancel(request.id)
    forget(workspace, voice)
    with pytest.raises(NotFound):
        workspace.uploads.get(voice.id, "anna")
    assert workspace.objects.stat(key) is not None
    assert references_in(workspace, "abc") == [key]
    workspace.jobs.voice_forgotten(request.id, {}, {})
    workspace.uploads.add(voice)
    forget(workspace, voice)
    assert workspace.objects.stat(key) is None


@pytest.mark.parametrize(
    ("revoice", "sentence"),
    [
        ({"replacements": []}, "whose words are said again"),
        ({"replacements": [{"speaker": "Speaker 2", "voice": "bass"}]}, "'bass'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(client, recording, revoice, sentence):
    """Before anything is queued."""
    refused = asked(client, recording, revoice)
    assert refused.status_code in (404, 422)
    assert sentence in refused.json()["detail"]


def test_a_transcription_has_no_new_recording(client, recording):
    """And says so."""
    job = client.post("/v1/jobs?wait=60", json={"upload": uploaded(client, recording)}).json()
    missing = client.get(f"/v1/jobs/{job['id']}/audio")
    assert missing.status_code == 404
    assert "replaces no voices" in missing.json()["detail"]
    assert client.get(f"/v1/jobs/{job['id']}/accepted").json() == {"items": []}
