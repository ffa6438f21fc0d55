"""Sound that was deleted with its words: nobody hears it who is given a recording."""

import base64
import io
import re

import av
import numpy as np
import pytest
import soundfile

from trax.pipelines.transcribe import transcribe
from trax.service.exports import player_page, write_redacted_audio
from trax.service.opening import Known, access_for
from trax.stages.options import TranscribeOptions
from trax.testing import tone, write_audio
from trax.testing.web_server import serving

EDGE = 0.05
"""Seconds at the edges of a silence in which an encoder still rings."""


@pytest.fixture
def client(workspace, home):
    """Changes whatever is newest."""
    access = access_for("127.0.0.1", "", Known.of(workspace))
    with serving(workspace, access) as opened:
        opened.headers["If-Match"] = "*"
        yield opened


@pytest.fixture
def edited(workspace, client, tmp_path):
    """A transcript without its second word, and the word."""
    file = write_audio(tmp_path / "call.wav", tone(3.0))
    made = workspace.repository.get(transcribe(workspace, file, TranscribeOptions()).transcript_id)
    word = made.words[1]
    body = {"operations": [{"kind": "delete", "words": [word.id], "silenced": True}]}
    answer = client.post(f"/v1/transcripts/{made.id}/revisions", json=body)
    assert answer.status_code == 201
    return workspace.repository.get(made.id), word


def loudest(file, word) -> tuple[float, float]:
    """How loud a file is at most while *word* was said, and at any time."""
    with av.open(file) as container:
        rate = container.streams.audio[0].rate
        frames = [frame.to_ndarray().mean(axis=0) for frame in container.decode(audio=0)]
    samples = np.abs(np.concatenate(frames))
    start, end = (round(at * rate) for at in (word.start + EDGE, word.end - EDGE))
    return float(samples[start:end].max()), float(samples.max())


def sound_within(page: bytes) -> io.BytesIO:
    """What a page plays."""
    (within,) = re.findall(rb"data:audio/mp4;base64,([^\"]+)", page)
    return io.BytesIO(base64.b64decode(within))


def visiting(client, transcript: str) -> str:
    """Where the sound of a transcript is for somebody with a link, as whom *client* asks now."""
    secret = client.post(f"/v1/transcripts/{transcript}/links", json={}).json()["secret"]
    visit = client.post("/v1/shared", json={"link": secret}).json()
    client.headers["Authorization"] = f"Bearer {visit['token']}"
    return f"/v1/shared/{visit['link']['id']}"


def test_it_is_not_in_the_sound_without_personal_data(workspace, edited, tmp_path):
    """Whatever else is silent there."""
    document, word = edited
    target = tmp_path / "public.flac"
    write_redacted_audio(workspace, document, [], target)
    heard, rate = soundfile.read(target)
    assert not heard[int(word.start * rate) : int(word.end * rate)].any()
    assert heard.any()


def test_it_is_not_in_pages_that_play(workspace, client, edited, tmp_path):
    """Made on the command line, or by the service."""
    document, word = edited
    written = b"".join(player_page(workspace, document, [], tmp_path))
    sent = client.get(f"/v1/transcripts/{document.id}/player", params={"wait": 60}).content
    for page in (written, sent):
        silent, loud = loudest(sound_within(page), word)
        assert silent < 0.01 < loud


@pytest.mark.parametrize("form", ["auto", "browser", "original"])
def test_whoever_has_a_link_does_not_hear_it(client, edited, form):
    """In any form, nor is it drawn; whoever has the transcript does."""
    document, word = edited
    own = f"/v1/transcripts/{document.id}"
    asked = {"format": form, "wait": 60}
    silent, _loud = loudest(io.BytesIO(client.get(f"{own}/audio", params=asked).content), word)
    assert silent > 0.01
    drawn = client.get(f"{own}/peaks", params={"wait": 60}).content
    shared = visiting(client, document.id)
    assert client.get(f"{shared}/media").json()["plays"] == "copy"
    for place in (shared, own):  # a visitor reaches both
        sound = client.get(f"{place}/audio", params=asked)
        silent, loud = loudest(io.BytesIO(sound.content), word)
        assert silent < 0.01 < loud
        assert client.get(f"{place}/peaks", params={"wait": 60}).content != drawn


def test_a_link_plays_the_recording_itself_where_nothing_was_taken_out(client, workspace, tmp_path):
    """As it is, where browsers play it."""
    file = write_audio(tmp_path / "call.wav", tone(3.0))
    made = transcribe(workspace, file, TranscribeOptions()).transcript_id
    shared = visiting(client, made)
    assert client.get(f"{shared}/media").json()["plays"] == "original"
    assert client.get(f"{shared}/audio").content == file.read_bytes()
