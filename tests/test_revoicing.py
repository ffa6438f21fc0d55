"""Voices replaced as a page does it: looked at before, tried, made again, accepted."""

import pytest

from trax.testing.talk import SCRIPT, ScriptedTalk
from trax.testing.web_server import serving

OURS = [said[3] for said in SCRIPT if said[2] == "SPEAKER_01"]
ASKED = {"replacements": [{"speaker": "SPEAKER_01", "voice": "high"}]}


@pytest.fixture
def engines():
    return ScriptedTalk(script=SCRIPT)


@pytest.fixture
def client(home, workspace):
    with serving(workspace) as opened:
        yield opened


@pytest.fixture
def transcript(client, engines, tmp_path):
    """Where a transcript is, whose recording has two speakers."""
    data = engines.write(tmp_path / "talk.wav", 44_100).read_bytes()
    upload = client.put("/v1/uploads/talk.wav", content=data).json()
    job = client.post("/v1/jobs?wait=60", json={"upload": upload["id"]}).json()
    return f"/v1/transcripts/{job['transcript']['id']}"


def done(client, answer) -> dict:
    """A job once it has ended well."""
    assert answer.status_code in (200, 202), answer.text
    job = client.get(f"/v1/jobs/{answer.json()['id']}?wait=60").json()
    assert job["status"] == "completed", job["failure"]
    return job


def report(client, job) -> dict:
    return client.get(f"/v1/jobs/{job['id']}/report").json()


def texts(client, job) -> list[str]:
    return [row["text"] for row in report(client, job)["utterances"]]


def test_what_would_be_said_is_shown_before_anything_is_made(client, transcript, engines):
    """With what would stay, and why; nothing is said for that."""
    shown = client.post(f"{transcript}/revoicings/selection", json=ASKED).json()
    assert [each["text"] for each in shown["utterances"]] == OURS[:3]
    assert [(each["text"], each["why"]) for each in shown["left"]] == [("yes", "short")]
    assert engines.voices.said == []


def test_a_voice_is_tried_on_a_sentence(client, transcript, engines):
    """It is heard, marked, and leaves no job."""
    body = {"replacement": ASKED["replacements"][0], "text": "so it would sound"}
    heard = client.post(f"{transcript}/revoicings/audition", json=body)
    assert heard.headers["content-type"] == "audio/flac"
    assert heard.content[:4] == b"fLaC"
    assert engines.voices.said == [("so it would sound", "high", 1.0)]
    assert client.get(f"{transcript}/revoicings").json()["items"] == []


def test_trying_has_a_limit(client, transcript):
    """Whoever asks too often waits."""
    body = {"replacement": ASKED["replacements"][0], "text": "hello"}
    answers = [client.post(f"{transcript}/revoicings/audition", json=body) for _ in range(21)]
    assert [each.status_code for each in answers[19:]] == [200, 429]
    assert "retry-after" in answers[-1].headers


def test_corrected_words_are_said_and_make_another_job(client, transcript):
    """The same choices for another text are not the same job."""
    first = done(client, client.post(f"{transcript}/revoicings", json=ASKED))
    words = client.get(f"{transcript}/words").json()["items"]
    word = next(each for each in words if each["text"] == "pleasure")
    change = {"operations": [{"kind": "replace", "word": word["id"], "text": "joy"}]}
    edited = client.post(f"{transcript}/revisions", json=change, headers={"If-Match": '"1"'})
    assert edited.status_code == 201, edited.text
    second = done(client, client.post(f"{transcript}/revoicings", json=ASKED))
    assert texts(client, first)[0] == OURS[0]
    assert texts(client, second)[0] == OURS[0].replace("pleasure", "joy")
    listed = client.get(f"{transcript}/revoicings").json()["items"]
    assert [each["id"] for each in listed] == [second["id"], first["id"]]


def test_one_utterance_is_said_otherwise_and_no_other(client, transcript, engines):
    """With another text, in another way, or not at all."""
    first = done(client, client.post(f"{transcript}/revoicings", json=ASKED))
    one, two, three = (row["id"] for row in report(client, first)["utterances"])
    engines.voices.said.clear()
    engines.edited = {OURS[0]: "it is a pleasure to be there again"}
    changed = {"texts": {one: "it is a pleasure to be there again", two: ""}, "again": [three]}
    second = done(client, client.post(f"/v1/jobs/{first['id']}/again", json=changed))
    said = {text for text, _voice, _speed in engines.voices.said}
    assert said == {"it is a pleasure to be there again", OURS[2]}
    assert {each["why"] for each in report(client, second)["left"]} == {"short", "chosen"}
    assert texts(client, first) == OURS[:3]


def test_what_is_accepted_stays_so_until_it_is_said_otherwise(client, transcript):
    """In the next job, too, for what that says in the same way."""
    first = done(client, client.post(f"{transcript}/revoicings", json=ASKED))
    one, two, _three = (row["id"] for row in report(client, first)["utterances"])
    for utterance in (one, two):
        answer = client.put(f"/v1/jobs/{first['id']}/accepted/{utterance}")
        assert answer.status_code == 204
    again = client.post(f"/v1/jobs/{first['id']}/again", json={"again": [one]})
    second = done(client, again)
    accepted = client.get(f"/v1/jobs/{second['id']}/accepted").json()["items"]
    assert [each["utterance"] for each in accepted] == [two]
    client.delete(f"/v1/jobs/{second['id']}/accepted/{two}")
    assert client.get(f"/v1/jobs/{first['id']}/accepted").json()["items"][0]["utterance"] == one
    assert client.put(f"/v1/jobs/{first['id']}/accepted/none").status_code == 404


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"replacements": []}, "whose words"),
        ({"replacements": [{"speaker": "Ben", "voice": "high"}]}, "speakers are"),
        ({"replacements": [{"speaker": "all", "voice": "bass"}]}, "'bass'"),
        ({**ASKED, "version": 7}, "7"),
    ],
)
def test_what_makes_no_sense_is_refused_before_a_job_is_made(client, transcript, choices, sentence):
    """In a sentence."""
    refused = client.post(f"{transcript}/revoicings", json=choices)
    assert refused.status_code in (404, 422)
    assert sentence in refused.json()["detail"]


def test_nobody_has_the_words_of_others_said(world):
    """A transcript is named only by those who see it, and made anew only by those who may change
    it.
    """
    transcript = world.job["transcript"]["id"]
    place = f"/v1/transcripts/{transcript}/revoicings"
    for who, status in (("stranger", 404), ("viewer", 403)):
        assert world.ask(who, "POST", place, json=ASKED).status_code == status
    sent = world.ask("stranger", "PUT", "/v1/uploads/call.wav", content=world.data).json()
    named = {"upload": sent["id"], "revoice": {**ASKED, "transcript": transcript}}
    assert world.ask("stranger", "POST", "/v1/jobs", json=named).status_code == 404
