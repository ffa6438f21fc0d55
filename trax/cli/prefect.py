"""``trax prefect``."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trax.cli.edge import edge, names, out

if TYPE_CHECKING:
    from trax.settings import Settings

app = typer.Typer(rich_markup_mode="markdown", no_args_is_help=True)


@app.callback()
def prefect() -> None:
    """Set up your Prefect server.

    **Example**

    `PREFECT_API_URL=http://127.0.0.1:4200/api trax prefect setup`
    """


@app.command()
def setup(
    pool_type: Annotated[
        str, typer.Option("--type", help="Of the work pools: process, docker, kubernetes.")
    ] = "process",
    folder: Annotated[
        str | None,
        typer.Option(
            help="What transcribe-folder watches: a path that workers see, or s3://bucket/prefix."
        ),
    ] = None,
    cuda_devices: Annotated[
        str | None, typer.Option(help="GPUs that jobs may use: all, or 0,1.")
    ] = None,
    devices: Annotated[
        str,
        typer.Option(
            help="Devices whose slots are limited, such as cuda-0,cuda-1; auto takes this "
            "machine's."
        ),
    ] = "auto",
    seats: Annotated[int | None, typer.Option(help="Stages at once on a device; 2.", min=1)] = None,
    with_blocks: Annotated[
        bool,
        typer.Option(
            "--with-blocks",
            help="Keep the servers that TRAX_* names, with their passwords, as blocks.",
        ),
    ] = False,
) -> None:
    """Make on a Prefect server what Trax needs: pools gpu and cpu with their queues, a limit a
    device, variables, automations for runs that crashed, Trax's kinds of blocks. Then `prefect
    deploy --all`.

    May be run again at any time: it brings these up to date and leaves everything else alone.
    `deployments/setup.yaml` says what is made.

    **Examples**

    `PREFECT_API_URL=http://127.0.0.1:4200/api trax prefect setup`

    `trax prefect setup --folder /recordings --devices cuda-0,cuda-1`

    `trax prefect setup --type docker --with-blocks`
    """
    with edge():
        from typing import cast, get_args

        from trax.errors import InvalidOption
        from trax.host.supervisor import device_names
        from trax.orchestration.setup import Choices, PoolType, set_up
        from trax.settings import load_settings

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


def _blocks(settings: "Settings") -> Mapping[str, Mapping[str, Any]]:
    """The servers that the settings name, as fields of blocks."""
    from trax.engines import chat_config
    from trax.errors import InvalidOption
    from trax.servers import RetentionConfig
    from trax.store.database import Database, server_url

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
