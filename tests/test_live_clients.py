"""Unmodified clients of other services, at live captions."""

import base64

import pytest
from deepgram import DeepgramClient
from deepgram.environment import DeepgramClientEnvironment
from openai import OpenAI

from trax.testing.levels import WORDS, pcm, spoken

pytestmark = pytest.mark.server


def deepgram(server):
    address = server.url.replace("http", "ws", 1)
    where = DeepgramClientEnvironment(
        base=server.url, production=address, agent=address, agent_rest=server.url
    )
    return DeepgramClient(api_key="any", environment=where)


def test_deepgrams_client_gets_results(server):
    """Interim ones and final ones, each word once in these, and metadata in the end."""
    with deepgram(server).listen.v1.connect(
        model="nova-3", encoding="linear16", sample_rate=16000, interim_results=True
    ) as socket:
        data = pcm(spoken([*WORDS[:8], "", "", *WORDS[8:12]]))
        for first in range(0, len(data), 8000):
            socket.send_media(data[first : first + 8000])
        socket.send_keep_alive()
        socket.send_close_stream()
        messages = list(socket)
    results = [each for each in messages if each.type == "Results"]
    final = [word for each in results if each.is_final for word in words_of(each)]
    assert [word.word for word in final] == list(WORDS[:12])
    assert any(not each.is_final for each in results)
    assert messages[-1].type == "Metadata"
    assert messages[-1].duration == pytest.approx(14 * 0.4, abs=0.05)


def test_deepgrams_client_learns_who_speaks(server):
    """If it asks for it."""
    with deepgram(server).listen.v1.connect(
        model="nova-3", encoding="linear16", sample_rate=16000, diarize=True
    ) as socket:
        socket.send_media(pcm(spoken(WORDS[:8])))
        socket.send_close_stream()
        results = [each for each in socket if each.type == "Results"]
    speakers = [word.speaker for each in results for word in words_of(each)]
    assert speakers == [0] * 4 + [1] * 4


def words_of(result):
    return result.channel.alternatives[0].words


def test_openais_client_gets_a_transcription(server):
    """Deltas that make up each item."""
    client = OpenAI(api_key="any", base_url=f"{server.url}/v1")
    asked = {
        "type": "transcription",
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "transcription": {"model": "whisper-1", "language": "en"},
            }
        },
    }
    sound = pcm(spoken([*WORDS[:6], "", "", *WORDS[6:9]]).repeat(3)[::2])
    with client.realtime.connect(extra_query={"intent": "transcription"}) as line:
        assert line.recv().type == "session.created"
        line.session.update(session=asked)
        assert line.recv().type == "session.updated"
        for first in range(0, len(sound), 9600):
            piece = base64.b64encode(sound[first : first + 9600]).decode()
            line.input_audio_buffer.append(audio=piece)
        text = ""
        items = []
        while "w08" not in text:
            event = line.recv()
            if event.type.endswith("transcription.delta"):
                text += event.delta
            elif event.type.endswith("transcription.completed"):
                items.append(event.transcript)
        line.send({"type": "response.create"})
        while (event := line.recv()).type != "error":
            pass
        for garbage in ({"session": "x"}, {"session": {"audio": "x"}}):
            line.send({"type": "session.update", **garbage})
            while (event := line.recv()).type != "error":
                pass
    assert text.startswith("w01 w02 w03 w04 w05 w06")
    assert items[0] == "w01 w02 w03 w04 w05 w06"
