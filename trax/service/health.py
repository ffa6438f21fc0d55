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
from trax.errors import ModelUnavailable, PrefectUnavailable, TraxError
from trax.models import Model
from trax.orchestration.condition import (
    PoolCondition,
    ServerCondition,
    look_at_server,
)
from trax.orchestration.environment import is_server_named
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
    "deployments missing",
    "late runs",
    "language model misconfigured",
    "model unavailable",
    "no gpu",
    "no language model",
    "no pool",
    "no token",
    "no worker",
    "objects down",
    "old schema",
    "packages missing",
    "pool paused",
    "prefect differs",
    "prefect down",
    "prefect refuses",
    "storage full",
    "storage read-only",
    "torch broken",
]
"""What can be wrong. What to do about it depends on the edge: a command, a page."""


State = Literal["ok", "note", "missing"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at.

    Attributes:
        state: ``missing`` if every job needs it, ``note`` if jobs run, but less well.
        problem: what is wrong or could be better; ``None`` if nothing is.
    """

    name: str
    state: State
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
        *_orchestration(settings),
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
        from trax.models.torchaudio_import import ensure_torchaudio

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


def _orchestration(settings: Settings) -> list[Check]:
    """Who runs the stages; with a Prefect server, how that is and what it has of Trax."""
    named = is_server_named(settings.prefect_home)
    runner = _runner(settings, named)
    if not named:
        return [runner]
    needed: State = "note" if settings.runner == "local" else "missing"
    try:
        found = look_at_server(settings.rooms, settings.prefect_home)
    except PrefectUnavailable as error:
        return [runner, Check("prefect", needed, str(error), "prefect down")]
    except TraxError as error:
        return [runner, Check("prefect", needed, str(error), "prefect refuses")]
    return [
        runner,
        _server(found),
        *(_pool(pool) for pool in found.pools),
        _deployments(found),
        _late(found),
    ]


def _runner(settings: Settings, server: bool) -> Check:
    flows = flow_entrypoint(settings.rooms, "transcribe")
    if flows is None or settings.runner == "local" or (settings.runner == "auto" and not server):
        return Check("runner", "ok", "plain Python; Prefect's flows are not used")
    where = "with the Prefect server below" if server else "with a temporary server"
    return Check("runner", "ok", f"Prefect {where}")


def _server(found: ServerCondition) -> Check:
    database = f", on {found.database}" if found.database else ""
    version = f"Prefect {found.version}" if found.version else "Prefect Cloud"
    text = f"{version} at {found.url}{database}"
    if found.version and found.version != found.client:
        return Check("prefect", "note", f"{text}; here is {found.client}", "prefect differs")
    return Check("prefect", "ok", text)


def _pool(pool: PoolCondition) -> Check:
    name = f"pool {pool.name}"
    if not pool.kind:
        return Check(name, "note", "there is no such work pool", "no pool")
    online = [worker.name for worker in pool.workers if worker.online]
    text = f"{pool.kind}; {_workers(pool)}"
    if pool.paused:
        return Check(name, "note", f"{text}; it is paused", "pool paused")
    if not online:
        return Check(name, "note", text, "no worker")
    return Check(name, "ok", text)


def _workers(pool: PoolCondition) -> str:
    """The workers of a pool in a few words: who is there, or who was there last."""
    if not pool.workers:
        return "it never had a worker"
    online = [worker.name for worker in pool.workers if worker.online]
    last = pool.workers[0]
    seen = f"{last.name} was seen {_ago(last.silence)} ago"
    if not online:
        return f"no worker is online; {seen}"
    offline = len(pool.workers) - len(online)
    rest = f", {offline} offline" if offline else ""
    return f"{len(online)} online{rest}; {seen}"


def _deployments(found: ServerCondition) -> Check:
    there = len(found.deployments)
    if not found.missing:
        return Check("deployments", "ok", f"all {there} are there")
    text = f"{there} are there; missing: {', '.join(found.missing)}"
    if not there:
        text = f"none of {len(found.missing)} is there"
    return Check("deployments", "note", text, "deployments missing")


def _late(found: ServerCondition) -> Check:
    if not found.late:
        return Check("late runs", "ok", "none")
    runs = "1 run is" if found.late == 1 else f"{found.late} runs are"
    text = f"{runs} late, the first for {_ago(found.latest)}"
    return Check("late runs", "note", text, "late runs")


def _ago(seconds: float) -> str:
    """A time in its largest unit."""
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
