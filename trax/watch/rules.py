"""Rules of a watched folder: options for the recordings in it and below."""

import tomllib
from pathlib import PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trax.asr.vocabulary import FOLDER_VOCABULARY, parse_terms
from trax.errors import InvalidDocument
from trax.stages.options import TranscribeOptions
from trax.watch.places import Place

RULES = "trax.toml"
"""The file with a folder's rules."""


class Rules(BaseModel):
    """A folder's rules; what is left out is as in the folder above."""

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
"""The group and the field of a job's options that a rule sets."""


def options_for(place: Place, folder: PurePosixPath) -> TranscribeOptions:
    """The options for recordings in *folder*: by its rules, then by those of the folders above.

    Terms in the folder's vocabulary file are added to its hotwords.

    Raises:
        InputError: one of these files makes no sense.
    """
    rules: dict[str, Any] = {}
    for above in (*reversed(folder.parents), folder):
        rules |= _read(place, above)
    options: dict[str, Any] = {"recognition": {}, "diarization": {}, "enhancement": {}}
    for name, value in rules.items():
        if name in _WHERE:
            part, field = _WHERE[name]
            options[part][field] = value
        else:
            options[name] = value
    _add_terms(place, folder, options["recognition"])
    if "translate" in rules:
        _add_translation(options["enhancement"])
    try:
        return TranscribeOptions.model_validate(options)
    except ValidationError as error:
        raise InvalidDocument(str(folder / RULES), _first(error)) from error


def _add_terms(place: Place, folder: PurePosixPath, recognition: dict[str, Any]) -> None:
    path = folder / FOLDER_VOCABULARY
    text = place.read(path)
    if text is None:
        return
    terms = [*recognition.get("hotwords", []), *parse_terms(text, str(path))]
    recognition["hotwords"] = list(dict.fromkeys(terms))


def _add_translation(enhancement: dict[str, Any]) -> None:
    tasks = [*enhancement.get("tasks", ["correct"]), "translate"]
    enhancement["tasks"] = list(dict.fromkeys(tasks))


def _read(place: Place, folder: PurePosixPath) -> dict[str, Any]:
    path = folder / RULES
    data = place.read(path)
    if data is None:
        return {}
    try:
        rules = Rules.model_validate(tomllib.loads(data.decode("utf-8-sig")))
    except ValidationError as error:
        raise InvalidDocument(str(path), _first(error)) from error
    except ValueError as error:
        raise InvalidDocument(str(path), f"no TOML ({error})") from error
    return rules.model_dump(exclude_none=True)


def _first(error: ValidationError) -> str:
    """The first fault, with the field it is in."""
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"]))
    message = first["msg"].removeprefix("Value error, ")
    return f"{field}: {message}"
