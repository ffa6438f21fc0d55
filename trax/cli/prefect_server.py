"""What ``trax prefect`` does."""

from collections.abc import Mapping
from typing import Any, cast, get_args

from sqlalchemy.engine import make_url

from trax.cli.edge import names, out
from trax.errors import InvalidOption
from trax.host.supervisor import device_names
from trax.orchestration.setup import Choices, PoolType, set_up
from trax.settings import Settings, load_settings


def set_up_server(
    pool_type: str,
    folder: str | None,
    cuda_devices: str | None,
    devices: str,
    seats: int | None,
    *,
    with_blocks: bool,
) -> None:
    """Make on the Prefect server what Trax needs there, and print it."""
    if pool_type not in get_args(PoolType):
        raise InvalidOption(f"--type: {pool_type!r} is none of {', '.join(get_args(PoolType))}")
    settings = load_settings()
    variables = {"trax_folder": folder, "trax_cuda_devices": cuda_devices}
    choices = Choices(
        pool_type=cast(PoolType, pool_type),
        devices=device_names() if devices == "auto" else names(devices, "device"),
        seats=seats,
        variables={name: value for name, value in variables.items() if value is not None},
        blocks=_blocks(settings) if with_blocks else {},
    )
    for line in set_up(settings.rooms, settings.prefect_home, choices):
        out().print(line, markup=False)


def _blocks(settings: Settings) -> Mapping[str, Mapping[str, Any]]:
    """The servers that the settings name, as fields of blocks."""
    blocks: dict[str, Mapping[str, Any]] = {}
    if settings.s3_endpoint:
        blocks["ObjectStore"] = {
            "endpoint": settings.s3_endpoint,
            "bucket": settings.s3_bucket,
            "access_key": settings.s3_access_key,
            "secret_key": settings.s3_secret_key,
            "region": settings.s3_region,
            "encryption": settings.s3_encryption,
            "link_seconds": settings.s3_link_seconds,
            "keep_audio_days": settings.keep_audio_days,
            "keep_checkpoint_days": settings.keep_checkpoint_days,
        }
    url = make_url(settings.database_url.get_secret_value() or "sqlite://")
    if url.get_backend_name() == "postgresql":
        blocks["TranscriptDatabase"] = {
            "host": url.host or str(url.query.get("host", "")),
            "port": url.port or 5432,
            "name": url.database or "trax",
            "user": url.username or "trax",
            "password": url.password or "",
        }
    if not blocks:
        raise InvalidOption(
            "--with-blocks: neither TRAX_S3_ENDPOINT nor a Postgres in TRAX_DATABASE_URL is set"
        )
    return blocks
