"""The one place that builds stores, engines and workspaces from settings."""

import logging
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from trax.errors import InvalidOption
from trax.settings import Settings, load_settings
from trax.store import (
    Database,
    FolderStore,
    JobRepository,
    ObjectStore,
    RevisionRepository,
    TranscriptRepository,
)
from trax.store.database import server_url
from trax.store.objects import S3, RetentionPolicy

if TYPE_CHECKING:  # whoever only reads rows does not wait for engines
    from trax.watch import Place
    from trax.work.workspace import Workspace

# Libraries read these once, when they are imported. Idle threads that spin take the processor from
# the other stage; oneDNN would keep a compiled kernel for every length of speech it has met, 350 MB
# of them.
_RUNTIME = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "8",
    "PYANNOTE_METRICS_ENABLED": "0",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "MPLBACKEND": "agg",
}


@cache
def process_workspace() -> "Workspace":
    """The workspace of this process, built from the environment on first use, so that models stay
    loaded.
    """
    return build_workspace(load_settings())


def build_workspace(settings: Settings) -> "Workspace":
    """A workspace with the stores and engines that *settings* describe."""
    prepare_libraries(settings)
    from trax.adapters.shelf import AdapterShelf
    from trax.audio import Limits
    from trax.engines import LoadedEngines
    from trax.enhance.spending import Budget
    from trax.host import EngineClient
    from trax.work.workspace import Workspace

    host = None
    if settings.engine == "auto":
        host = EngineClient(settings.sockets, settings.store_identity)
    objects = open_objects(settings)
    return Workspace(
        objects=objects,
        database=open_database(settings),
        engines=LoadedEngines(settings, AdapterShelf(objects)),
        limits=Limits(size_bytes=settings.max_bytes, duration=settings.max_duration),
        stage_timeout=settings.stage_timeout,
        budget=Budget(settings.llm_budget_job, settings.llm_budget_day),
        spacy_model=settings.spacy_model,
        host=host,
        device=settings.device_name,
    )


def prepare_libraries(settings: Settings) -> None:
    """Set what libraries of models read from the environment when they are imported; what the user
    has set stays.
    """
    for name, value in _RUNTIME.items():
        os.environ.setdefault(name, value)
    if settings.cuda_devices != "all":
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", settings.cuda_devices)
        os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")


def start_telemetry(settings: Settings, part: str) -> None:
    """Send traces and reports of defects where *settings* say, if they do.

    Args:
        part: of Trax, such as ``service``.

    Raises:
        MissingPart: a package is not installed that this needs.
        InvalidOption: an address makes no sense.
    """
    if settings.otlp_endpoint:
        from trax.telemetry.traces import start_traces

        start_traces(settings.otlp_endpoint, part)
    if settings.sentry_dsn.get_secret_value():
        from trax.telemetry.reports import start_reports

        start_reports(settings.sentry_dsn.get_secret_value(), settings.environment, part)


def open_database(settings: Settings) -> Database:
    """The database of transcripts and jobs."""
    if settings.database_block:
        block = _block(settings, "trax-transcript-database", settings.database_block)
        return cast(Database, block.database())
    return Database(server_url(settings.database) or f"sqlite:///{settings.home / 'trax.db'}")


def open_transcripts(settings: Settings) -> TranscriptRepository:
    """Transcripts in the database."""
    return TranscriptRepository(open_database(settings))


def open_revisions(settings: Settings) -> RevisionRepository:
    """What people changed in transcripts, in the database."""
    return RevisionRepository(open_database(settings))


def open_jobs(settings: Settings) -> JobRepository:
    """Jobs in the database."""
    return JobRepository(open_database(settings))


def open_objects(settings: Settings) -> ObjectStore:
    """The store of audio, checkpoints and exports."""
    if settings.object_store_block:
        block = _block(settings, "trax-object-store", settings.object_store_block)
        return cast(ObjectStore, block.store(settings.home, settings.cache_bytes))
    retention = RetentionPolicy.configured(settings)
    if not settings.s3.endpoint:
        return FolderStore(settings.home / "objects", retention)
    from trax.store.s3 import S3Store

    # urllib3 warns before each new try; the last one is an error.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    cache = FolderStore(settings.home / "cache")
    return S3Store(settings.s3, cache, retention, settings.cache_bytes)


def open_place(settings: Settings, folder: str) -> "Place":
    """The watched folder at a path, or at ``s3://bucket/prefix`` of the S3 server that is
    configured.

    Raises:
        InvalidOption: it is a bucket's address, and no S3 server is configured.
    """
    if not folder.startswith(S3):
        from trax.watch.local import LocalPlace

        return LocalPlace(Path(folder).expanduser())
    from trax.store.s3 import S3Store
    from trax.watch.bucket import BucketPlace

    objects = open_objects(settings)
    if not isinstance(objects, S3Store):
        raise InvalidOption(f"{folder} cannot be watched: no S3 server is configured")
    return BucketPlace(folder, objects.config)


def _block(settings: Settings, kind: str, name: str) -> Any:
    """The Prefect block *name* of *kind*."""
    from trax.orchestration.blocks import load_block

    return load_block(settings.rooms, settings.prefect_home, kind, name)
