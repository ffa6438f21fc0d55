"""Recordings to be transcribed: their vocabulary added, a runner chosen."""

from pathlib import Path

from trax.asr.vocabulary import folder_terms
from trax.audio import check_name
from trax.errors import MissingRooms
from trax.orchestration.environment import is_server_named
from trax.orchestration.flows import flow_entrypoint, run_flow
from trax.pipelines.transcribe import TRANSCRIBE, JobResult, transcribe
from trax.settings import Settings
from trax.stages.options import TranscribeOptions
from trax.work.folder_settings import folder_settings
from trax.work.recordings import is_file, located
from trax.work.workspace import Workspace


def run(
    workspace: Workspace,
    settings: Settings,
    source: str,
    options: TranscribeOptions,
    redo_from: str | None = None,
) -> JobResult:
    """Transcribe the recording at *source* as the settings say: in plain Python, or as a flow.

    Unless they say, a flow is run if the user has a Prefect server, which shows it.

    A file's folder may hold a vocabulary and name an adapter, which are added to the options.

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
        options = with_folder_choices(options, Path(place))
    entrypoint = flow_entrypoint(settings.rooms, TRANSCRIBE.name)
    if settings.runner == "prefect" and entrypoint is None:
        raise MissingRooms("flows are to run, but none are installed")
    if entrypoint is None or not is_flow(settings):
        return transcribe(workspace, place, options, redo_from)
    parameters = {"recording": place, "options": options, "redo_from": redo_from}
    result: JobResult = run_flow(entrypoint, parameters, settings.prefect_home)
    return result


def is_flow(settings: Settings) -> bool:
    """Whether stages are to run as a flow."""
    if settings.runner == "auto":
        return is_server_named(settings.prefect_home)
    return settings.runner == "prefect"


def with_folder_choices(options: TranscribeOptions, recording: Path) -> TranscribeOptions:
    """The options with what the recording's folder says: terms that it lists, among the hotwords,
    and an adapter, unless another one is chosen.

    Raises:
        InvalidOption: a file there cannot be read.
    """
    recognition = options.recognition
    hotwords = tuple(dict.fromkeys((*recognition.hotwords, *folder_terms(recording))))
    adapter = recognition.adapter
    if adapter == "auto":
        adapter = folder_settings(recording).adapter or adapter
    more = recognition.model_copy(update={"hotwords": hotwords, "adapter": adapter})
    if more == recognition:
        return options
    return options.model_copy(update={"recognition": more})
