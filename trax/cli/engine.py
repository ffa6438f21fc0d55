"""``trax engine``."""

from typing import Annotated

import typer

from trax.cli.edge import edge

app = typer.Typer(rich_markup_mode="markdown", no_args_is_help=True)

_SEATS = typer.Option(help="Stages at once on a device.", min=1, max=16)
_LONGEST = typer.Option(help="Stages that may wait for a device.", min=1)
_DRAIN = typer.Option(
    help="Seconds that begun stages may take to their end when the engine is stopped.", min=0.0
)


@app.callback()
def engine() -> None:
    """Run engine processes, which keep models loaded between jobs.

    **Examples**

    `trax engine run --devices cuda-1 --seats 4`

    `trax engine status`
    """


@app.command()
def run(
    devices: Annotated[
        str,
        typer.Option("--devices", help="By commas, such as cuda-0,cuda-1 or cpu; auto takes all."),
    ] = "auto",
    seats: Annotated[int, _SEATS] = 2,
    longest: Annotated[int, _LONGEST] = 64,
    drain: Annotated[float, _DRAIN] = 300.0,
) -> None:
    """Keep an engine process a device alive, until Ctrl-C or SIGTERM. SIGHUP starts them again
    without losing work.

    Jobs of this machine send recognition and diarization there by themselves; without an engine
    they load models themselves. A process that ends is started again, and its stages are tried once
    more, alone.

    **Examples**

    `trax engine run` — all GPUs, or the processor where there is none

    `trax engine run --devices cuda-1 --seats 4`
    """
    with edge():
        from trax.cli.engines import run_engines

        run_engines(devices, seats, longest, drain)


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Show what the engines of this machine do, and which models they hold.

    **Example**

    `trax engine status`
    """
    with edge():
        from trax.cli.engines import show_engines

        raise typer.Exit(show_engines(as_json=as_json))


@app.command(hidden=True)
def serve(
    device: Annotated[str, typer.Argument(help="Name of the device.")],
    listener: Annotated[int, typer.Option(help="File descriptor of the socket.")],
    seats: Annotated[int, _SEATS] = 2,
    longest: Annotated[int, _LONGEST] = 64,
    drain: Annotated[float, _DRAIN] = 300.0,
) -> None:
    """Be the engine process of one device: what `trax engine run` starts."""
    with edge():
        from trax.cli.engines import be_engine

        be_engine(device, listener, seats, longest, drain)
