"""OpenAI's unmodified client against the service."""

import httpx
import openai
import pytest

from trax.testing import tone, write_audio

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server_arguments():
    return ("--token", "secret")


@pytest.fixture
def client(server):
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="secret", max_retries=0) as opened:
        yield opened


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_audio(tmp_path_factory.mktemp("clip") / "call.wav", tone(2.0))


def test_text_comes_by_default(client, clip):
    """As JSON, with what it is worth."""
    answer = client.audio.transcriptions.create(file=clip, model="whisper-1")
    assert answer.text == "hello there."
    assert answer.usage.seconds == 2


@pytest.mark.parametrize("name", ["text", "srt", "vtt"])
def test_text_comes_as_it_is(client, clip, name):
    """Without speakers, whom OpenAI does not name there."""
    answer = client.audio.transcriptions.create(file=clip, model="fast", response_format=name)
    assert "hello" in answer
    assert "Speaker" not in answer
    assert ("-->" in answer) is (name != "text")


def test_words_and_segments_have_times(client, clip):
    """Those that were asked for; with confidence and speaker besides."""
    both = client.audio.transcriptions.create(
        file=clip,
        model="whisper-1",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )
    assert (both.language, both.duration) == ("english", 2.0)
    assert [word.word for word in both.words] == ["hello", "there."]
    assert both.words[0].confidence == pytest.approx(0.9)
    assert [segment.speaker for segment in both.segments] == ["Speaker 1", "Speaker 2"]
    usual = client.audio.transcriptions.create(
        file=clip, model="whisper-1", response_format="verbose_json"
    )
    assert usual.words is None
    assert len(usual.segments) == 2


def test_speakers_are_told_apart(client, clip):
    """A segment each."""
    answer = client.audio.transcriptions.create(
        file=clip,
        model="gpt-4o-transcribe-diarize",
        response_format="diarized_json",
        chunking_strategy="auto",
    )
    told = [(segment.speaker, segment.text) for segment in answer.segments]
    assert told == [("Speaker 1", "hello"), ("Speaker 2", "there.")]


def test_confidence_comes_as_log_probabilities(client, clip):
    """One a word."""
    answer = client.audio.transcriptions.create(
        file=clip, model="gpt-4o-transcribe", include=["logprobs"]
    )
    assert [each.token for each in answer.logprobs] == ["hello", "there."]
    assert all(each.logprob < 0 for each in answer.logprobs)


def test_a_transcript_is_streamed(client, clip):
    """In parts that make up the whole."""
    stream = client.audio.transcriptions.create(file=clip, model="whisper-1", stream=True)
    events = list(stream)
    deltas = [event.delta for event in events if event.type == "transcript.text.delta"]
    assert (events[-1].type, events[-1].text) == ("transcript.text.done", "hello there.")
    assert "".join(deltas) == events[-1].text


def test_speakers_are_streamed(client, clip):
    """A segment at a time."""
    stream = client.audio.transcriptions.create(
        file=clip,
        model="gpt-4o-transcribe-diarize",
        response_format="diarized_json",
        stream=True,
    )
    events = list(stream)
    assert [event.type for event in events] == [
        "transcript.text.segment",
        "transcript.text.segment",
        "transcript.text.done",
    ]
    assert events[0].speaker == "Speaker 1"


@pytest.mark.parametrize(
    ("asked", "kind", "message"),
    [
        ({"model": "none"}, openai.NotFoundError, "model 'none'"),
        ({"response_format": "xml"}, openai.BadRequestError, "response_format"),
        ({"temperature": 7}, openai.BadRequestError, "temperature"),
        ({"language": "xx"}, openai.BadRequestError, "language"),
        ({"extra_body": {"other": "1"}}, openai.BadRequestError, "Unknown parameter"),
        (
            {"timestamp_granularities": ["word"]},
            openai.BadRequestError,
            "verbose_json",
        ),
        (
            {"file": ("x.wav", b"no audio")},
            openai.BadRequestError,
            "cannot read audio",
        ),
    ],
)
def test_what_makes_no_sense_is_an_error_of_the_client_s_own(client, clip, asked, kind, message):
    """With OpenAI's fields."""
    with pytest.raises(kind, match=message) as error:
        client.audio.transcriptions.create(**{"file": clip, "model": "whisper-1"} | asked)
    assert error.value.type == "invalid_request_error"


def test_a_wrong_key_is_refused(server, clip):
    """As OpenAI refuses it."""
    with (
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="other", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError, match="token or session is unknown"),
    ):
        client.audio.transcriptions.create(file=clip, model="whisper-1")


def test_models_are_listed(client):
    """Plans and models; one of them alone."""
    names = [model.id for model in client.models.list()]
    assert {"fast", "accurate", "whisper-1", "tiny.en"} <= set(names)
    assert client.models.retrieve("fast").id == "fast"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("none")


def test_translation_needs_a_language_model(client, clip):
    """It says so."""
    with pytest.raises(openai.BadRequestError, match="language model"):
        client.audio.translations.create(file=clip, model="whisper-1")


def test_curl_needs_no_more_than_a_file(server, clip):
    """A model is chosen by itself."""
    answer = httpx.post(
        f"{server.url}/v1/audio/transcriptions",
        files={"file": ("call.wav", clip.read_bytes())},
        data={"response_format": "text"},
        headers={"Authorization": "Bearer secret"},
    )
    assert answer.text == "hello there.\n"
