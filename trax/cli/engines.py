"""What ``trax engine`` does."""

import logging
import sys
from collections.abc import Sequence

from rich.logging import RichHandler

from trax.cli.edge import err, names, out, print_json
from trax.cli.tables import table
from trax.compose import build_workspace
from trax.host import EngineClient, EngineStatus
from trax.host.server import StageServer, serve
from trax.host.supervisor import Supervisor, device_names
from trax.pipelines.transcribe import TRANSCRIBE
from trax.settings import load_settings


def run_engines(devices: str, seats: int, longest: int, drain: float) -> None:
    """Keep an engine process a device alive."""
    settings = load_settings()
    chosen = device_names() if devices == "auto" else names(devices, "device")
    options = ["--seats", str(seats), "--longest", str(longest), "--drain", str(drain)]

    def command(device: str, listener: int) -> Sequence[str]:
        return [
            sys.executable,
            "-m",
            "trax.cli",
            "engine",
            "serve",
            device,
            "--listener",
            str(listener),
            *options,
        ]

    _log_to_terminal()
    supervisor = Supervisor(settings.sockets, chosen, command, drain)
    err().print(
        f"engines for {', '.join(chosen)} in {settings.sockets}; Ctrl-C ends them", soft_wrap=True
    )
    supervisor.run()


def be_engine(device: str, listener: int, seats: int, longest: int, drain: float) -> None:
    """Serve stages on one device."""
    settings = load_settings()
    _log_to_terminal()
    server = StageServer(
        build_workspace(settings),
        [TRANSCRIBE],
        device,
        settings.store_identity,
        seats=seats,
        max_waiting=longest,
        idle=settings.engine_idle,
    )
    serve(server, listener, drain)


def show_engines(*, as_json: bool) -> int:
    """Print how the engines are; 3 where there is none."""
    settings = load_settings()
    found = EngineClient(settings.sockets, settings.store_identity).statuses()
    if as_json:
        print_json([status.model_dump(mode="json") for status in found])
    elif found:
        columns = ("engine", "state", "running", "waiting", "done", "failed", "models", "up")
        out().print(table(columns, map(_row, found), right=("waiting", "done", "failed", "up")))
    else:
        err().print(
            f"no engine answers in {settings.sockets}; `trax engine run` starts one", soft_wrap=True
        )
    return 0 if found else 3


def _row(status: EngineStatus) -> tuple[str, ...]:
    held = ", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in status.loaded.items())
    done = sum(status.finished.values())
    return (
        status.device,
        status.state,
        ", ".join(status.running),
        str(status.waiting),
        str(done),
        str(status.failed),
        held,
        f"{status.seconds:.0f} s",
    )


def _log_to_terminal() -> None:
    log = logging.getLogger("trax")
    log.setLevel(logging.INFO)
    log.addHandler(RichHandler(console=err(), show_path=False, show_level=False))
