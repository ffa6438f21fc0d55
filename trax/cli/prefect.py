"""``trax prefect``."""

import os
import socket
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trax.cli.edge import edge, err, log_to_terminal, names, out

if TYPE_CHECKING:
    from trax.settings import Settings

_NEEDED = (
    "ctranslate2",
    "trax.engines",
    "trax.host",
    "trax.pipelines.transcribe",
    "trax.service.checks",
    "trax.store.s3",
    "trax.watch.scan",
)
"""Modules that runs need, imported once for all."""

_LONGER = 30.0  # seconds that the workers may take beyond what their runs get

app = typer.Typer(rich_markup_mode="markdown", no_args_is_help=True)


@app.callback()
def prefect() -> None:
    """Run Trax on a Prefect server: start one, set it up, work for it.

    **Examples**

    `trax prefect server`

    `PREFECT_API_URL=http://127.0.0.1:4200/api trax prefect setup`

    `PREFECT_API_URL=http://127.0.0.1:4200/api trax prefect serve`
    """


@app.command()
def server(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the UI and the API.", min=1, max=65535)] = 4200,
) -> None:
    """Run a Prefect server with its UI, on a Postgres of its own, until Ctrl-C or SIGTERM.

    Its history is kept in `TRAX_HOME/prefect`. Unlike `prefect server start` on SQLite, it answers
    while many runs write at once.

    **Examples**

    `trax prefect server`

    `trax prefect server --port 4300`
    """
    with edge():
        from trax.orchestration.server import run_server
        from trax.settings import load_settings

        err().print(f"the UI is at http://{host}:{port}", soft_wrap=True)
        err().print(f"export PREFECT_API_URL=http://{host}:{port}/api", soft_wrap=True)
        raise typer.Exit(run_server(load_settings().prefect_home, host, port))


_RUNS = typer.Option(
    help="Runs at a time; one more than this machine has processors.", min=1, max=256
)
_NAME = typer.Option(help="Name of the workers; this machine's. Two on a machine need two names.")
_DRAIN = typer.Option(help="Seconds that runs get to finish when this is stopped.", min=0.0)


@app.command()
def serve(
    runs: Annotated[int | None, _RUNS] = None,
    engine: Annotated[
        bool, typer.Option("--engine/--no-engine", help="Keep models loaded between runs.")
    ] = True,
    drain: Annotated[float, _DRAIN] = 300.0,
    name: Annotated[str, _NAME] = "",
) -> None:
    """Work for a Prefect server, until Ctrl-C or SIGTERM: workers of the pools gpu and cpu, and the
    engine. What ends is started again.

    Runs are forked from a process in which everything is loaded. On SIGTERM, runs that have begun
    are finished; a second one ends them at once, and they continue when this is started again.

    **Examples**

    `PREFECT_API_URL=http://127.0.0.1:4200/api trax prefect serve`

    `trax prefect serve --runs 8`
    """
    with edge():
        from trax.hardware import available_processors
        from trax.orchestration.environment import server_url
        from trax.orchestration.keeping import Program, keep_running
        from trax.settings import load_settings

        url = server_url(load_settings().prefect_home)
        most = runs or available_processors() + 1
        trax = [sys.executable, "-m", "trax.cli"]
        options = ["--runs", str(most), "--drain", str(drain), "--name", name]
        programs = [Program("workers", [*trax, "prefect", "work", *options])]
        if engine:
            programs.append(Program("engine", [*trax, "engine", "run", "--drain", str(drain)]))
        log_to_terminal()
        err().print(
            f"working for {url}: pools gpu ({most} runs at a time) and cpu (2)"
            + (", engine" if engine else ""),
            soft_wrap=True,
        )
        keep_running(programs, drain + _LONGER)


@app.command(hidden=True)
def work(
    runs: Annotated[int, _RUNS] = 2,
    drain: Annotated[float, _DRAIN] = 300.0,
    name: Annotated[str, _NAME] = "",
) -> None:
    """Run the workers that `trax prefect serve` starts."""
    with edge():
        os.environ.setdefault("PREFECT_WORKER_QUERY_SECONDS", "0.5")
        from trax.compose import open_jobs, prepare_libraries
        from trax.orchestration.environment import make_importable, rooms_folder
        from trax.settings import load_settings

        settings = load_settings()
        prepare_libraries(settings)
        rooms = rooms_folder(settings.rooms)
        make_importable(rooms)
        os.chdir(rooms)  # entrypoints of deployments begin there
        from trax.orchestration.workers import PoolPlan, work

        log_to_terminal()
        host = socket.gethostname()
        pools = [
            PoolPlan("gpu", f"{name or host}-gpu", runs, idle=5.0),
            PoolPlan("cpu", f"{name or host}-cpu", 2, idle=15.0),
        ]
        jobs = open_jobs(settings).of_runs
        work(pools, settings.home / "runs" / host, jobs, drain, _NEEDED)


@app.command()
def setup(
    pool_type: Annotated[
        str | None,
        typer.Option(
            "--type",
            help="Of the work pools: trax, process, docker, kubernetes. Pools that are there keep "
            "theirs; new ones are of type trax.",
        ),
    ] = None,
    runs: Annotated[
        int | None,
        typer.Option(
            help="Most runs at a time in each pool; for the type process, as many as this machine "
            "has processors.",
            min=1,
        ),
    ] = None,
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
    device, variables, Trax's kinds of blocks. Then `prefect deploy --all`.

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

        if pool_type is not None and pool_type not in get_args(PoolType):
            raise InvalidOption(f"--type: {pool_type!r} is none of {', '.join(get_args(PoolType))}")
        settings = load_settings()
        variables = {"trax_folder": folder, "trax_cuda_devices": cuda_devices}
        choices = Choices(
            pool_type=cast(PoolType | None, pool_type),
            runs=runs,
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
