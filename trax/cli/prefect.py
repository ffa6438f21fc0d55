"""``trax prefect``."""

from typing import Annotated

import typer

from trax.cli.edge import edge

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
        from trax.cli.prefect_server import set_up_server

        set_up_server(pool_type, folder, cuda_devices, devices, seats, with_blocks=with_blocks)
