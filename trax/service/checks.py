"""Options checked before any work begins."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from trax.adapters.card import RESERVED
from trax.adapters.shelf import AdapterShelf
from trax.compose import open_objects
from trax.engines import LoadedEngines, language_model, model_finder
from trax.enhance import EnhancementOptions
from trax.errors import InvalidOption, MissingPart, ModelUnavailable
from trax.models import Kind, ModelFinder
from trax.settings import Settings
from trax.stages.options import TranscribeOptions
from trax.stages.replacement import RevoiceOptions

Options = TypeVar("Options", bound=BaseModel)


def checked_options(
    values: Mapping[str, Any] | TranscribeOptions, settings: Settings
) -> TranscribeOptions:
    """Options from plain values, checked before any work begins.

    Raises:
        InvalidOption: a value makes no sense, and the message names the field; or no model knows
            the language.
        ModelUnavailable: a model is named that is unknown, or nowhere to be had.
        MissingPart: a package is missing that the language model's tasks need, or a translation is
            asked for and no language model is configured.
        NotFound: an adapter is named that is not installed.
    """
    options = checked(TranscribeOptions, values)
    if options.enhancement.tasks and not settings.llm_block:
        _check_language_model(options.enhancement, settings)
    _check_models(options, model_finder(settings))
    _check_language(options, settings)
    _check_adapter(options, settings)
    return options


def checked_revoicing(
    values: Mapping[str, Any] | RevoiceOptions, settings: Settings
) -> RevoiceOptions:
    """Options of a voice replacement; raises as `checked_options` does.

    Raises:
        InvalidOption: nobody's voice is to be replaced, too.
    """
    options = checked(RevoiceOptions, values)
    if not options.replacements:
        raise InvalidOption("replacements: say whose words are said again, and in which voice")
    checked_options(options.transcription, settings)
    return options


def checked(kind: type[Options], values: Mapping[str, Any] | Options) -> Options:
    """Options of a *kind* from plain values.

    Raises:
        InvalidOption: a value makes no sense, and the message names the field.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        reason = first["msg"].removeprefix("Value error, ")
        field = f"{first['loc'][-1]}: " if first["loc"] else ""
        raise InvalidOption(field + reason) from error


def _check_language_model(options: EnhancementOptions, settings: Settings) -> None:
    """What a language model does by itself may be left out; a translation is what is wanted."""
    if language_model(settings) is not None:
        options.check()
    elif "translate" in options.tasks:
        raise MissingPart("a translation needs a language model, and none is configured")


def _check_models(options: TranscribeOptions, models: ModelFinder) -> None:
    """Refuse models that cannot be had; none is loaded or fetched."""
    recognition = options.recognition
    named = [made.models for made in recognition.passes or ()]
    if recognition.model != "auto":
        named.append((recognition.model,))
    for names in named:
        models.check(names, Kind.RECOGNITION)
    if options.diarization.model != "auto":
        models.check((options.diarization.model,), Kind.DIARIZATION)


def _check_language(options: TranscribeOptions, settings: Settings) -> None:
    """Refuse a language that no model here knows; models that are missing are said to be later."""
    if options.recognition.language is None:
        return
    with suppress(ModelUnavailable):
        plain = options.recognition.model_copy(update={"adapter": "none"})
        LoadedEngines(settings).recogniser(plain)


def _check_adapter(options: TranscribeOptions, settings: Settings) -> None:
    """Refuse an adapter that is not installed."""
    name = options.recognition.adapter
    if name not in RESERVED:
        AdapterShelf(open_objects(settings)).named(name)
