"""What clients of OpenAI ask for, as options of a job."""

from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

from trax.asr import PLANS
from trax.errors import InvalidOption, NotFound
from trax.models import CATALOGUE, Kind
from trax.stages.options import TranscribeOptions
from trax.web.forms import Form

ResponseFormat = Literal["json", "text", "srt", "vtt", "verbose_json", "diarized_json"]
Granularity = Literal["segment", "word"]

ALIASES = {
    "whisper-1": "balanced",
    "gpt-transcribe": "balanced",
    "gpt-4o-transcribe": "balanced",
    "gpt-4o-mini-transcribe": "fast",
    "gpt-4o-transcribe-diarize": "balanced",
}
"""The plan that stands for each of OpenAI's models."""

_KNOWN = frozenset(
    (
        "model",
        "language",
        "languages",
        "prompt",
        "keywords",
        "response_format",
        "temperature",
        "stream",
        "timestamp_granularities",
        "include",
        "chunking_strategy",
        "known_speaker_names",
        "known_speaker_references",
        "speakers",
    )
)
_YES = ("true", "1", "yes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a client asks for.

    Attributes:
        granularities: times that ``verbose_json`` is to have.
        confidence: whether ``json`` is to say how sure each word is.
    """

    options: TranscribeOptions
    response_format: ResponseFormat
    stream: bool = False
    granularities: frozenset[Granularity] = field(default=frozenset(("segment",)))
    confidence: bool = False


def read_asked(form: Form, *, translate: bool, enhance: bool) -> Asked:
    """What a form asks for.

    Args:
        translate: into English, by the language model that is configured.
        enhance: whether there is a language model; without one nobody needs to know what kind of
            speech it is, which takes a while to find out.

    Raises:
        InvalidOption: a field is unknown, or its value makes no sense.
        NotFound: there is no such model.
    """
    fields = {name.partition("[")[0]: values for name, values in form.fields.items()}
    unknown = fields.keys() - _KNOWN
    if unknown:
        raise InvalidOption(f"Unknown parameter: '{min(unknown)}'.")
    if "known_speaker_references" in fields:
        raise InvalidOption("known_speaker_references is not supported: enroll voices instead")
    _check_temperature(form.first("temperature", "0"))
    wanted = form.first("response_format", "json")
    if wanted not in get_args(ResponseFormat):
        formats = ", ".join(get_args(ResponseFormat))
        raise InvalidOption(f"response_format must be one of {formats}, not {wanted!r}")
    return Asked(
        options=_options(form, fields, _enhancement(translate, enhance)),
        response_format=cast(ResponseFormat, wanted),
        stream=form.first("stream").lower() in _YES,
        granularities=_granularities(fields.get("timestamp_granularities", []), wanted),
        confidence="logprobs" in fields.get("include", []),
    )


def model_names() -> list[str]:
    """What a client may name as a model: plans, OpenAI's own names, models of the catalogue."""
    recognisers = [name for name, entry in CATALOGUE.items() if entry.kind is Kind.RECOGNITION]
    return [*PLANS, *ALIASES, *recognisers]


def _enhancement(translate: bool, enhance: bool) -> dict[str, Any]:
    if translate:
        return {"tasks": ["translate"], "language": "en"}
    return {} if enhance else {"tasks": [], "domain": "general"}


def _options(
    form: Form, fields: dict[str, list[str]], enhancement: dict[str, Any]
) -> TranscribeOptions:
    recognition = {
        **_model(form.first("model", "whisper-1")),
        "language": form.first("language") or _only(fields.get("languages", [])),
        "prompt": form.first("prompt"),
        "hotwords": fields.get("keywords", []),
    }
    chosen: dict[str, Any] = {
        "recognition": recognition,
        "enhancement": enhancement,
        "formats": [],
    }
    if "speakers" in fields:
        chosen["diarization"] = {"speakers": form.first("speakers")}
    try:
        return TranscribeOptions.model_validate(chosen)
    except ValueError as error:
        raise InvalidOption(first_reason(error)) from error


def first_reason(error: ValueError) -> str:
    """The first thing that is wrong, in a sentence."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    return f"{first['loc'][-1]}: {first['msg'].removeprefix('Value error, ')}"


def _model(name: str) -> dict[str, str]:
    if name in PLANS:
        return {"plan": name}
    if name in ALIASES:
        return {"plan": ALIASES[name]}
    if name in model_names():
        return {"model": name}
    raise NotFound("model", name, "models are listed at /v1/models")


def _only(languages: list[str]) -> str | None:
    """The language, if there is but one that it can be."""
    return languages[0] if len(languages) == 1 else None


def _granularities(values: list[str], wanted: str) -> frozenset[Granularity]:
    if not values:
        return frozenset(("segment",))
    if wanted != "verbose_json":
        raise InvalidOption("timestamp_granularities needs the response_format verbose_json")
    unknown = set(values) - set(get_args(Granularity))
    if unknown:
        raise InvalidOption(f"timestamp_granularities are word and segment, not {min(unknown)!r}")
    return frozenset(cast(list[Granularity], values))


def _check_temperature(text: str) -> None:
    """Refuse what is no temperature; decoding chooses its own."""
    try:
        makes_sense = 0 <= float(text) <= 1
    except ValueError:
        makes_sense = False
    if not makes_sense:
        raise InvalidOption("temperature must be between 0 and 1")
