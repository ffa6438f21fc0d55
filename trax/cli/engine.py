"""``trax engine``."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, err, finite, log_to_terminal, names, out, print_json

if TYPE_CHECKING:
    from trax.host import EngineStatus

app = typer.Typer(rich_markup_mode="markdown", no_args_is_help=True)

_SEATS = typer.Option(help="Stages at once on a device.", min=1, max=16)
_WAITING = typer.Option("--max-waiting", help="Stages that may wait for a device.", min=1)
_DRAIN = typer.Option(
    help="Seconds that running stages get to finish when the engine is stopped.",
    min=0.0,
    callback=finite,
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
    max_waiting: Annotated[int, _WAITING] = 64,
    drain: Annotated[float, _DRAIN] = 300.0,
    longest: Annotated[
        int | None, typer.Option("--longest", help="Now --max-waiting.", hidden=True)
    ] = None,
) -> None:
    """Run one engine process per device, until Ctrl-C or SIGTERM.

    SIGHUP restarts them without losing work. Jobs on this machine send recognition and diarization
    there by themselves; without an engine they load models themselves. A process that ends is
    started again, and its stages are tried once more, alone.

    **Examples**

    `trax engine run` — all GPUs, or the processor if there is none

    `trax engine run --devices cuda-1 --seats 4`
    """
    with edge():
        from trax.host.supervisor import Supervisor, device_names
        from trax.settings import load_settings

        settings = load_settings()
        chosen = device_names() if devices == "auto" else names(devices, "device")
        waiting = max_waiting if longest is None else longest
        options = ["--seats", seats, "--max-waiting", waiting, "--drain", drain]

        def command(device: str, listener: int) -> Sequence[str]:
            serve = [sys.executable, "-m", "trax.cli", "engine", "serve", device]
            return [*serve, "--listener", str(listener), *map(str, options)]

        log_to_terminal(settings.log_format)
        supervisor = Supervisor(settings.sockets, chosen, command, drain)
        listed = ", ".join(chosen)
        err().print(f"engines for {listed} in {settings.sockets}; Ctrl-C ends them", soft_wrap=True)
        supervisor.run()


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show what the engines of this machine do, and which models they hold.

    The exit code is 3 if none answers.

    **Example**

    `trax engine status`
    """
    with edge():
        from trax.cli.tables import table
        from trax.host import EngineClient
        from trax.settings import load_settings

        settings = load_settings()
        found = EngineClient(settings.sockets, settings.store_identity).statuses()
        if as_json:
            print_json([each.model_dump(mode="json") for each in found])
        elif found:
            columns = ("engine", "state", "running", "waiting", "done", "failed", "models", "up")
            right = ("waiting", "done", "failed", "up")
            out().print(table(columns, map(_row, found), right))
        else:
            where = f"no engine answers in {settings.sockets}"
            err().print(f"{where}; `trax engine run` starts one", soft_wrap=True)
        raise typer.Exit(0 if found else 3)


@app.command(hidden=True)
def serve(
    device: Annotated[str, typer.Argument(help="Name of the device.")],
    listener: Annotated[int, typer.Option(help="File descriptor of the socket.")],
    seats: Annotated[int, _SEATS] = 2,
    max_waiting: Annotated[int, _WAITING] = 64,
    drain: Annotated[float, _DRAIN] = 300.0,
) -> None:
    """Serve stages on one device: what `trax engine run` starts."""
    with edge():
        from trax.compose import build_workspace, start_telemetry
        from trax.host.server import StageServer
        from trax.host.server import serve as serve_stages
        from trax.pipelines.all import PIPELINES
        from trax.settings import load_settings

        settings = load_settings()
        log_to_terminal(settings.log_format)
        start_telemetry(settings, "engine")
        server = StageServer(
            build_workspace(settings),
            list(PIPELINES.values()),
            device,
            settings.store_identity,
            seats=seats,
            max_waiting=max_waiting,
            idle=settings.engine_idle,
        )
        serve_stages(server, listener, drain)


def _row(status: "EngineStatus") -> tuple[str, ...]:
    held = (f"{name} {size / 1e6:.0f} MB" for name, size in status.loaded.items())
    return (
        status.device,
        status.state,
        ", ".join(status.running),
        str(status.waiting),
        str(sum(status.finished.values())),
        str(status.failed),
        ", ".join(held),
        f"{status.seconds:.0f} s",
    )
