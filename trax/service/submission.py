"""Recordings to be transcribed: their options checked, their vocabulary added, a runner chosen."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from trax.asr.vocabulary import folder_terms
from trax.audio import check_name
from trax.engines import LoadedEngines, language_model, model_finder
from trax.enhance import EnhancementOptions
from trax.errors import InvalidOption, MissingPart, MissingRooms, ModelUnavailable
from trax.models import Kind, ModelFinder
from trax.orchestration.environment import is_server_named
from trax.orchestration.flows import flow_entrypoint, run_flow
from trax.pipelines.transcribe import TRANSCRIBE, JobResult, transcribe
from trax.settings import Settings
from trax.stages.options import TranscribeOptions
from trax.work.recordings import is_file, located
from trax.work.workspace import Workspace


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
    """
    try:
        options = TranscribeOptions.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        reason = first["msg"].removeprefix("Value error, ")
        field = f"{first['loc'][-1]}: " if first["loc"] else ""
        raise InvalidOption(field + reason) from error
    if options.enhancement.tasks and not settings.llm_block:
        _check_language_model(options.enhancement, settings)
    _check_models(options, model_finder(settings))
    _check_language(options, settings)
    return options


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
        LoadedEngines(settings).recogniser(options.recognition)


def run(
    workspace: Workspace,
    settings: Settings,
    source: str,
    options: TranscribeOptions,
    redo_from: str | None = None,
) -> JobResult:
    """Transcribe the recording at *source* as the settings say: in plain Python, or as a flow.

    Unless they say, a flow is run if the user has a Prefect server, which shows it.

    A file's folder may hold a vocabulary, which is added to the options.

    Args:
        workspace: where plain Python works; a flow uses its process's own.
        source: a path, ``s3://bucket/key``, or where an upload is kept.
        redo_from: a stage; its kept result, and those of the stages after it, are not used.

    Raises:
        TraxError: what went wrong; finished stages are kept.
        MissingRooms: the settings ask for a flow, and no flows are installed.
    """
    place = located(source)
    if is_file(place):
        check_name(Path(place))
        options = with_vocabulary(options, Path(place))
    entrypoint = flow_entrypoint(settings.rooms, TRANSCRIBE.name)
    if settings.runner == "prefect" and entrypoint is None:
        raise MissingRooms("flows are to run, but none are installed")
    as_flow = settings.runner == "prefect" or (
        settings.runner == "auto" and is_server_named(settings.prefect_home)
    )
    if entrypoint is None or not as_flow:
        return transcribe(workspace, place, options, redo_from)
    parameters = {"recording": place, "options": options, "redo_from": redo_from}
    result: JobResult = run_flow(entrypoint, parameters, settings.prefect_home)
    return result


def _is_flow(settings: Settings) -> bool:
    """Whether stages are to run as a flow."""
    if settings.runner == "auto":
        return is_server_named(settings.prefect_home)
    return settings.runner == "prefect"


def with_vocabulary(options: TranscribeOptions, recording: Path) -> TranscribeOptions:
    """The options with the terms that the recording's folder lists among the hotwords."""
    recognition = options.recognition
    hotwords = tuple(dict.fromkeys((*recognition.hotwords, *folder_terms(recording))))
    if hotwords == recognition.hotwords:
        return options
    more = recognition.model_copy(update={"hotwords": hotwords})
    return options.model_copy(update={"recognition": more})
