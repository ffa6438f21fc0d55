"""Live captions over HTTP: one WebSocket for sound and words."""

import json
import time
from urllib.parse import urlencode

import httpx
import pytest
from asking import events
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from trax.testing.levels import WORDS, pcm, spoken
from trax.testing.waiting import wait_until

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server_arguments():
    return ("--jobs", "1")


@pytest.fixture(scope="module", autouse=True)
def few_sessions():
    """Two at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRAX_LIVE_SESSIONS", "2")
        yield


def line(server, options=None, headers=None, **query):
    if options is not None:
        query["options"] = json.dumps(options)
    address = server.url.replace("http", "ws", 1) + "/v1/live?" + urlencode(query)
    return connect(address, additional_headers=headers, max_size=None)


def say(socket, *texts, size=3200):
    data = pcm(spoken(texts))
    for first in range(0, len(data), size):
        socket.send(data[first : first + size])


def send(socket, **message):
    socket.send(json.dumps(message))


def until(socket, kind, seen=None):
    """The next message of a kind; those before it go to *seen*."""
    while True:
        message = json.loads(socket.recv(timeout=60))
        if seen is not None:
            seen.append(message)
        if message["type"] == kind:
            return message


def committed(messages):
    return [w["text"] for each in messages if each["type"] == "words" for w in each["committed"]]


def last_of(messages):
    return max(each.get("seq", 0) for each in messages)


def wait_for_words(socket, count, seen):
    while len(committed(seen)) < count:
        until(socket, "words", seen)


def rest(socket, seen):
    """All that comes until the line is closed."""
    try:
        while True:
            seen.append(json.loads(socket.recv(timeout=60)))
    except ConnectionClosed as closed:
        return closed.rcvd.code


def test_words_come_while_sound_does_and_a_transcript_in_the_end(server, client):
    """Hello, words with ids, the end, and the job that reads it once more."""
    seen = []
    with line(server, {"name": "board", "speakers": False}) as socket:
        session = until(socket, "hello")["session"]
        say(socket, *WORDS[:6], "", "")
        wait_for_words(socket, 6, seen)
        say(socket, *WORDS[6:8])
        send(socket, type="end")
        assert rest(socket, seen) == 1000
    assert committed(seen) == list(WORDS[:8])
    assert [each["type"] for each in seen][-2:] == ["end", "job"]
    ids = [w["id"] for each in seen if each["type"] == "words" for w in each["committed"]]
    assert len(set(ids)) == 8
    job = client.get(f"/v1/jobs/{seen[-1]['job']}", params={"wait": 60}).json()
    assert (job["status"], job["name"]) == ("completed", "board.flac")
    wait_until(lambda: details(client, session)["transcript"])
    assert details(client, session)["transcript"] == job["transcript"]["id"]


def details(client, session):
    return client.get(f"/v1/live/{session}").raise_for_status().json()


def test_what_was_decided_is_in_the_transcript(server, client):
    """Names and corrections, made over the line or beside it."""
    seen = []
    with line(server) as socket:
        session = until(socket, "hello")["session"]
        say(socket, *WORDS[:10], "", "")
        wait_for_words(socket, 10, seen)
        word = next(w for e in seen if e["type"] == "words" for w in e["committed"])
        say(socket, *WORDS[10:12], "", "")
        label = next(iter(until(socket, "speakers", seen)["words"].values()))
        send(socket, type="correct", word=word["id"], text="Cintra")
        until(socket, "correct", seen)
        path = f"/v1/live/{session}/decisions"
        body = {"decision": {"type": "name", "speaker": label, "name": "Anna"}}
        client.post(path, json=body).raise_for_status()
        send(socket, type="mark", at=1.0, text="here")
        until(socket, "mark", seen)
        send(socket, type="end")
        rest(socket, seen)
    wait_until(lambda: details(client, session)["transcript"])
    shown = details(client, session)
    assert shown["marks"] == [{"at": 1.0, "text": "here"}]
    document = client.get(f"/v1/transcripts/{shown['transcript']}").json()
    words = [word["text"] for each in document["segments"] for word in each["words"]]
    assert "Cintra" in words
    comments = client.get(f"/v1/transcripts/{shown['transcript']}/comments").json()["comments"]
    assert [each["text"] for each in comments] == ["here"]
    ids = [word["id"] for each in document["segments"] for word in each["words"]]
    assert comments[0]["first"] in ids
    assert "Anna" in [speaker["name"] for speaker in document["speakers"]]


def test_whoever_was_cut_off_goes_on(server):
    """From the bytes that were received, and after the events that were seen."""
    data = pcm(spoken(WORDS[:20]))
    seen = []
    with line(server, {"speakers": False}) as socket:
        session = until(socket, "hello")["session"]
        socket.send(data[: len(data) // 2])
        wait_for_words(socket, 5, seen)
        socket.socket.close()
    last = last_of(seen)
    with line(server, session=session, after=last) as socket:
        hello = until(socket, "hello")
        socket.send(data[hello["received"] :])
        send(socket, type="end")
        rest(socket, seen)
    assert committed(seen) == list(WORDS[:20])
    lasting = [each for each in seen if "seq" in each and each.get("committed") != []]
    numbers = [each["seq"] for each in lasting]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_session_survives_its_service(own):
    """Killed in the middle: what was received is there, captions go on, and speakers stay."""
    first = own()
    data = pcm(spoken(WORDS[:20]))
    seen = []
    with line(first) as socket:
        session = until(socket, "hello")["session"]
        socket.send(data[: len(data) // 2])
        wait_for_words(socket, 5, seen)
        told = until(socket, "speakers", seen)["words"]
        word, label = next(iter(told.items()))
        send(socket, type="name", speaker=label, name="Anna")
        until(socket, "name", seen)
        first.kill()
    second = own()
    with line(second, session=session, after=last_of(seen)) as socket:
        hello = until(socket, "hello")
        assert hello["received"] == len(data) // 2
        socket.send(data[hello["received"] :])
        send(socket, type="end")
        assert rest(socket, seen) == 1000
    assert committed(seen) == list(WORDS[:20])
    told = {}
    for each in seen:
        told |= each.get("words", {})
    with httpx.Client(base_url=second.url, timeout=60) as client:
        job = client.get(f"/v1/jobs/{seen[-1]['job']}", params={"wait": 60}).json()
        assert job["status"] == "completed"
        wait_until(lambda: details(client, session)["transcript"])
        assert details(client, session)["speakers"][label] == "Anna"
        path = f"/v1/transcripts/{job['transcript']['id']}"
        named = [speaker["name"] for speaker in client.get(path).json()["speakers"]]
    assert len(set(told.values())) == 2  # one that was told and taken back is none
    assert told[word] == label
    assert named.count("Anna") == 1


def test_more_sessions_than_fit_are_refused_at_the_handshake(server):
    """With the time after which to ask again; those that run feel nothing."""
    with line(server) as one, line(server) as other:
        with pytest.raises(InvalidStatus) as refused:
            line(server)
        answer = refused.value.response
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        for socket in (one, other):
            send(socket, type="end")
            rest(socket, [])
    with line(server) as again:
        send(again, type="end")
        rest(again, [])


def test_what_makes_no_sense_is_refused_in_one_sentence(server, client):
    """At the handshake by its status, later by a message; the line stays."""
    for query in ({"options": "{"}, {"options": '{"plan": "x"}'}, {"after": "x"}):
        with pytest.raises(InvalidStatus) as refused:
            line(server, **query)
        assert refused.value.response.status_code == 422
    assert not any(each["runs"] for each in client.get("/v1/live").json()["items"])
    with pytest.raises(InvalidStatus) as refused:
        line(server, session="none")
    assert refused.value.response.status_code == 404
    with line(server) as socket:
        socket.send("no JSON")
        assert "JSON" in until(socket, "error")["detail"]
        send(socket, type="correct", word="none", text="x")
        assert "none" in until(socket, "error")["detail"]
        send(socket, type="end")
        rest(socket, [])


def test_a_session_is_discarded_over_http(server, client):
    """The line is closed, and no transcript comes of it."""
    seen = []
    with line(server, {"speakers": False}) as socket:
        session = until(socket, "hello")["session"]
        say(socket, *WORDS[:6], "", "")
        wait_for_words(socket, 6, seen)
        assert client.delete(f"/v1/live/{session}").status_code == 204
        assert rest(socket, seen) == 1000
    assert (seen[-1]["type"], seen[-1]["job"]) == ("job", "")
    assert client.get(f"/v1/live/{session}").status_code == 404
    assert client.delete(f"/v1/live/{session}").status_code == 404


def test_others_follow_a_session(server, client):
    """As events, subtitles and text."""
    with line(server, {"speakers": False}) as socket:
        session = until(socket, "hello")["session"]
        say(socket, *WORDS[:6], "", "")
        wait_for_words(socket, 6, [])
        path = f"/v1/live/{session}"
        assert client.get(f"{path}/captions.txt").text == " ".join(WORDS[:6]) + "\n"
        vtt = client.get(f"{path}/captions.vtt").text
        assert vtt.startswith("WEBVTT\n\n")
        assert "w01 w02 w03 w04 w05 w06" in vtt
        shown = client.get(f"{path}/overlay", params={"size": 60})
        assert "600 60px" in shown.text
        assert "unsafe" not in shown.headers["content-security-policy"]
        assert session in [each["id"] for each in client.get("/v1/live").json()["items"]]
        send(socket, type="end")
        followed = list(events(client, f"{path}/events"))
        rest(socket, [])
    said = [each["data"] for each in followed if each["event"] == "words"]
    assert committed(said) == list(WORDS[:6])
    assert followed[-1]["event"] == "job"


def test_sessions_are_their_owners(own):
    """Others neither see them nor send to them; a token that may only read begins none."""
    service = own("--token", "x" * 40)
    owner = {"Authorization": f"Bearer {'x' * 40}"}
    with pytest.raises(InvalidStatus) as refused:
        line(service)
    assert refused.value.response.status_code in (401, 403)
    with line(service, headers=owner) as socket:
        session = until(socket, "hello")["session"]
        with httpx.Client(base_url=service.url, headers=owner) as client:
            made = client.post("/v1/tokens", json={"name": "r", "scopes": ["read"]}).json()
        other = {"Authorization": f"Bearer {made['secret']}"}
        with pytest.raises(InvalidStatus) as refused:
            line(service, headers=other)
        assert refused.value.response.status_code == 403
        with httpx.Client(base_url=service.url, headers=other) as client:
            assert client.get(f"/v1/live/{session}").status_code == 404
            assert client.get("/v1/live").json()["items"] == []
        send(socket, type="end")
        rest(socket, [])


def test_a_deserted_session_waits_for_its_client(server, client):
    """It runs on after a cut."""
    with line(server, {"speakers": False}) as socket:
        session = until(socket, "hello")["session"]
        say(socket, *WORDS[:3])
    time.sleep(1.2)
    assert details(client, session)["runs"]
    client.post(f"/v1/live/{session}/end").raise_for_status()
    wait_until(lambda: not details(client, session)["runs"])
