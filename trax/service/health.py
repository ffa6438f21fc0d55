"""What a machine needs for Trax, checked one by one."""

import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from trax import __version__
from trax.compose import open_database, open_objects
from trax.engines import diarization_model, language_model, recognition_model
from trax.errors import ModelUnavailable, TraxError
from trax.models import Model
from trax.orchestration.flows import flow_entrypoint
from trax.service.upkeep import database_state
from trax.settings import Settings

PACKAGES = (
    "faster-whisper",
    "ctranslate2",
    "pyannote.audio",
    "torch",
    "av",
    "prefect",
    "fastapi",
    "sqlalchemy",
    "psycopg",
    "minio",
)
"""Those without which no job runs."""

_SPACE = 2 << 30

Problem = Literal[
    "database down",
    "language model misconfigured",
    "model unavailable",
    "no gpu",
    "no language model",
    "no token",
    "objects down",
    "old schema",
    "packages missing",
    "storage full",
    "storage read-only",
    "torch broken",
]
"""What can be wrong. What to do about it depends on the edge: a command, a page."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at.

    Attributes:
        state: ``missing`` if every job needs it, ``note`` if jobs run, but less well.
        problem: what is wrong or could be better; ``None`` if nothing is.
    """

    name: str
    state: Literal["ok", "note", "missing"]
    found: str
    problem: Problem | None = None


def all_checks(settings: Settings) -> list[Check]:
    """Every check, in the order in which a job would need them."""
    return [
        _python(),
        _packages(),
        _torch(),
        _device(settings),
        _storage(settings),
        _database(settings),
        _objects(settings),
        _model("recognition", partial(recognition_model, settings)),
        _model("diarization", partial(diarization_model, settings)),
        _token(settings),
        _language_model(settings),
        _runner(settings),
    ]


def _python() -> Check:
    system = f"Python {platform.python_version()}, {platform.platform()}"
    return Check("trax", "ok", f"{__version__} on {system}")


def _packages() -> Check:
    found = []
    missing = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        listed = ", ".join(missing)
        return Check("packages", "missing", f"not installed: {listed}", "packages missing")
    return Check("packages", "ok", ", ".join(found))


def _torch() -> Check:
    try:
        from trax.diarization.torchaudio_import import ensure_torchaudio

        ensure_torchaudio()
        import torch
    except (ImportError, OSError, RuntimeError) as error:
        return Check("torch", "missing", f"it does not load: {error}", "torch broken")
    return Check("torch", "ok", f"{torch.__version__} loads")


def _device(settings: Settings) -> Check:
    device = settings.chosen_device
    chosen = f"{device}, {settings.chosen_compute_type}, {settings.chosen_threads} threads"
    return Check("device", "ok", chosen, None if device == "cuda" else "no gpu")


def _storage(settings: Settings) -> Check:
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        probe = settings.home / ".writable"
        probe.touch()
        probe.unlink()
        free = shutil.disk_usage(settings.home).free
    except OSError as error:
        found = f"{settings.home}: {error.strerror}"
        return Check("storage", "missing", found, "storage read-only")
    found = f"{settings.home}, {free / 1e9:.0f} GB free"
    if free > _SPACE:
        return Check("storage", "ok", found)
    return Check("storage", "note", found, "storage full")


def _database(settings: Settings) -> Check:
    try:
        state = database_state(open_database(settings))
    except TraxError as error:
        return Check("database", "missing", str(error), "database down")
    if state.problem:
        return Check("database", "missing", state.problem, "old schema")
    return Check("database", "ok", f"{state.kind}, {state.transcripts} transcripts")


def _objects(settings: Settings) -> Check:
    where = settings.object_store_block or settings.s3.endpoint or "a folder beside the database"
    try:
        open_objects(settings).read("health")
    except TraxError as error:
        return Check("objects", "missing", str(error), "objects down")
    return Check("objects", "ok", where)


def _model(kind: str, choose: Callable[[str], Model]) -> Check:
    try:
        model = choose("auto")
    except ModelUnavailable as error:
        return Check(kind, "missing", str(error), "model unavailable")
    return Check(kind, "ok", f"{model.name} from {model.origin.value}, revision {model.revision}")


def _token(settings: Settings) -> Check:
    if settings.huggingface_token.get_secret_value():
        return Check("token", "ok", "a Hugging Face token is set")
    return Check("token", "note", "no Hugging Face token", "no token")


def _language_model(settings: Settings) -> Check:
    """Whether one is configured; it is not called, which could cost money."""
    try:
        model = language_model(settings)
    except TraxError as error:
        return Check("enhance", "missing", str(error), "language model misconfigured")
    if model is None:
        return Check("enhance", "note", "no language model is configured", "no language model")
    return Check("enhance", "ok", f"{model.fingerprint}: text of transcripts is sent there")


def _runner(settings: Settings) -> Check:
    flows = flow_entrypoint(settings.rooms, "transcribe")
    if settings.runner == "local" or flows is None:
        return Check("runner", "ok", "plain Python; Prefect's flows are not used")
    return Check("runner", "ok", "Prefect in process")
