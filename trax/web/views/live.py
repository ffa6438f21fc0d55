"""Live sessions as JSON."""

from datetime import UTC, datetime
from typing import Any

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from trax.live.captions import Captions
from trax.live.keeping import Header
from trax.live.options import LiveOptions
from trax.transcript import Word
from trax.web.views.base import Given, View

_WORD: JsonDict = {
    "id": "5f6313192cb8",
    "start": 1.5,
    "end": 1.8,
    "text": "Hello,",
    "speaker": "SPEAKER_00",
}
_SESSION: JsonDict = {
    "id": "9c01aa103f2a9c01",
    "name": "board",
    "began_at": "2026-11-26T20:00:00Z",
    "runs": True,
    "options": {"name": "board", "language": "en"},
}


class LiveView(View):
    """A live session."""

    model_config = ConfigDict(json_schema_extra={"example": _SESSION})

    id: str
    name: str = Field(description="What its recording is to be called.")
    began_at: datetime
    runs: bool = Field(description="Whether it is being heard here.")
    options: LiveOptions

    @classmethod
    def of(cls, header: Header, *, runs: bool) -> "LiveView":
        """The view of a session."""
        return cls(**_values(header, runs=runs))


class LivePage(View):
    """Live sessions, the newest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [_SESSION]}})

    items: list[LiveView]


class LiveWord(View):
    """A word that was heard."""

    id: str = Field(description="Empty while it is tentative.")
    start: float
    end: float
    text: str = Field(description="As people left it.")
    speaker: str | None


class LiveDetails(LiveView):
    """A live session with its words."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_SESSION,
                "words": [_WORD],
                "tentative": [],
                "speakers": {"SPEAKER_00": "Anna"},
                "marks": [],
                "heard": 2.0,
                "job": None,
                "transcript": None,
            }
        }
    )

    words: list[LiveWord]
    tentative: list[LiveWord]
    speakers: dict[str, str] = Field(description="How people know each speaker, by label.")
    marks: list[dict[str, Any]] = Field(description="Moments that people marked: `at`, `text`.")
    heard: float = Field(description="Seconds of sound that were listened to.")
    job: str | None = Field(description="The job that reads the recording once more.")
    transcript: str | None = Field(description="The transcript that it became.")

    @classmethod
    def showing(
        cls, header: Header, captions: Captions, *, runs: bool, job: str | None, became: str | None
    ) -> "LiveDetails":
        """The view of a session and what was said in it."""
        marks = [each for each in captions.decisions if each.type == "mark"]
        return cls(
            **_values(header, runs=runs),
            words=[_word(word, captions.text_of(word)) for word in captions.words.values()],
            tentative=[_word(word, word.text) for word in captions.tentative],
            speakers={label: captions.name_of(label) for label in captions.labels},
            marks=[{"at": each.at, "text": each.text} for each in marks],
            heard=captions.heard,
            job=job,
            transcript=became,
        )


class DecisionView(Given):
    """What somebody decides: a correction, a name, whose words they are, a mark, a vocabulary."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"decision": {"type": "name", "speaker": "S", "name": "A"}}}
    )

    decision: dict[str, Any] = Field(
        description="`type` is `correct` (`word`, `text`), `name` (`speaker`, `name`), `assign` "
        "(`words`, `speaker`), `mark` (`at`, `text`) or `vocabulary` (`hotwords`)."
    )


class Numbers(View):
    """The number of the last event."""

    model_config = ConfigDict(json_schema_extra={"example": {"seq": 12}})

    seq: int


def _values(header: Header, *, runs: bool) -> dict[str, Any]:
    return {
        "id": header.id,
        "name": header.options.name,
        "began_at": datetime.fromtimestamp(header.began, UTC),
        "runs": runs,
        "options": header.options,
    }


def _word(word: Word, text: str) -> LiveWord:
    return LiveWord(id=word.id, start=word.start, end=word.end, text=text, speaker=word.speaker)
