"""What ``trax.toml`` in a watched folder says of the recordings in it and below."""

import tomllib
from pathlib import PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trax.asr.vocabulary import FOLDER_VOCABULARY, parse_terms
from trax.errors import InvalidDocument
from trax.stages.options import TranscribeOptions
from trax.watch.places import Place

RULES = "trax.toml"
"""In any folder: options for the recordings in it and below."""


class Rules(BaseModel):
    """One such file; what is left out is as in the folder above."""

    model_config = ConfigDict(extra="forbid")

    language: str | None = Field(None, description="Code such as en or de; auto finds it.")
    plan: str | None = Field(None, description="fast, balanced or accurate.")
    model: str | None = Field(None, description="One recognition model in place of a plan.")
    multilingual: bool | None = None
    prompt: str | None = None
    vocabulary: list[str] | None = Field(
        None, description="Names and terms that are likely to be said."
    )
    diarizer: str | None = None
    speakers: int | None = None
    min_speakers: int | None = None
    max_speakers: int | None = None
    enhance: list[str] | None = Field(None, description="What a language model does.")
    domain: str | None = None
    glossary: list[str] | None = None
    translate: str | None = None
    mask: bool | None = None
    formats: list[str] | None = None


_WHERE = {
    "language": ("recognition", "language"),
    "plan": ("recognition", "plan"),
    "model": ("recognition", "model"),
    "multilingual": ("recognition", "multilingual"),
    "prompt": ("recognition", "prompt"),
    "vocabulary": ("recognition", "hotwords"),
    "diarizer": ("diarization", "model"),
    "speakers": ("diarization", "speakers"),
    "min_speakers": ("diarization", "min_speakers"),
    "max_speakers": ("diarization", "max_speakers"),
    "enhance": ("enhancement", "tasks"),
    "domain": ("enhancement", "domain"),
    "glossary": ("enhancement", "glossary"),
    "translate": ("enhancement", "language"),
    "mask": ("enhancement", "mask"),
}
"""Where a rule stands among the options of a job."""


def options_for(place: Place, folder: PurePosixPath) -> TranscribeOptions:
    """How recordings in *folder* are transcribed: by the rules there, then by those of the folders
    above.

    Terms in the file ``vocabulary.txt`` there are expected, too.

    Raises:
        InputError: one of these files makes no sense.
    """
    chosen: dict[str, Any] = {}
    for above in (*reversed(folder.parents), folder):
        chosen |= _read(place, above)
    options: dict[str, Any] = {}
    for name, value in chosen.items():
        part, field = _WHERE.get(name, ("", name))
        (options.setdefault(part, {}) if part else options)[field] = value
    if (terms := place.read(folder / FOLDER_VOCABULARY)) is not None:
        recognition = options.setdefault("recognition", {})
        listed = parse_terms(terms, str(folder / FOLDER_VOCABULARY))
        recognition["hotwords"] = list(dict.fromkeys([*recognition.get("hotwords", []), *listed]))
    if "translate" in chosen:
        tasks = options["enhancement"].get("tasks", ["correct"])
        options["enhancement"]["tasks"] = list(dict.fromkeys([*tasks, "translate"]))
    try:
        return TranscribeOptions.model_validate(options)
    except ValidationError as error:
        raise InvalidDocument(str(folder / RULES), _first(error)) from error


def _read(place: Place, folder: PurePosixPath) -> dict[str, Any]:
    data = place.read(folder / RULES)
    if data is None:
        return {}
    try:
        return Rules.model_validate(tomllib.loads(data.decode("utf-8-sig"))).model_dump(
            exclude_none=True
        )
    except ValidationError as error:
        raise InvalidDocument(str(folder / RULES), _first(error)) from error
    except ValueError as error:
        raise InvalidDocument(str(folder / RULES), f"no TOML ({error})") from error


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg'].removeprefix('Value error, ')}"
