"""What ``trax prefect`` does."""

from collections.abc import Mapping
from typing import Any, cast, get_args

from trax.cli.edge import names, out
from trax.engines import chat_config
from trax.errors import InvalidOption
from trax.host.supervisor import device_names
from trax.orchestration.setup import Choices, PoolType, set_up
from trax.servers import RetentionConfig
from trax.settings import Settings, load_settings
from trax.store.database import Database, server_url


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
    if settings.s3.endpoint:
        kept = settings.model_dump(include=set(RetentionConfig.model_fields))
        blocks["ObjectStore"] = settings.s3.model_dump() | kept
    url = server_url(settings.database)
    if url and Database(url).kind == "postgresql":
        blocks["TranscriptDatabase"] = settings.database.model_dump()
    model = chat_config(settings)
    if model is not None:
        blocks["LanguageModel"] = model.model_dump() | {"provider": model.provider or "other"}
    if not blocks:
        raise InvalidOption(
            "--with-blocks: none of TRAX_S3_ENDPOINT, TRAX_LLM_PROVIDER (or a key) and a Postgres "
            "in TRAX_DATABASE_URL is set"
        )
    return blocks
