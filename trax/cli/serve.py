"""``trax serve``."""

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from trax.cli.edge import edge, err, finite, log_to_terminal, out

if TYPE_CHECKING:
    from trax.service.opening import Plan
    from trax.settings import Settings

_PLAIN = re.compile(r"[\w./=:,@-]+")
_UNIT = """\
# As ~/.config/systemd/user/trax.service; then: systemctl --user enable --now trax
# It runs while you are signed in, or always once you have said: loginctl enable-linger
# Other settings, such as TRAX_DATABASE_URL=…, are lines of the file service.env in the data folder.
[Unit]
Description=Trax: recordings in, transcripts out

[Service]
Type=exec
Environment={home}
EnvironmentFile=-{settings}
ExecStart={command}
Restart=on-failure
RestartSec=2
KillMode=mixed
TimeoutStopSec={stop}
NoNewPrivileges=true

[Install]
WantedBy=default.target
"""


def serve(
    host: Annotated[
        str,
        typer.Option(help="Address to answer on. All but this machine's own need a token."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.", min=0, max=65535)] = 8700,
    jobs: Annotated[int, typer.Option(help="Recordings at a time.", min=1, max=64)] = 2,
    seats: Annotated[int, typer.Option(help="Stages at once on a device.", min=1, max=16)] = 2,
    drain: Annotated[
        float,
        typer.Option(
            help="Seconds that jobs get to finish when the service is stopped.",
            min=0.0,
            callback=finite,
        ),
    ] = 30.0,
    workers: Annotated[
        Literal["auto", "local", "prefect"],
        typer.Option(
            help="Who works on jobs: local, or prefect: runs of the deployment transcribe; auto "
            "takes Prefect where a server is configured."
        ),
    ] = "auto",
    install: Annotated[
        bool, typer.Option("--install", help="Print a systemd unit for this, and do nothing.")
    ] = False,
) -> None:
    """Serve transcription over HTTP, until Ctrl-C or SIGTERM.

    Models stay loaded, and jobs begin at once. What has not finished when the service ends, however
    it does, goes on when it is started again. Others than this machine need a token: one of
    `trax tokens`, or TRAX_SERVICE_TOKEN.

    **Examples**

    `trax serve`

    `curl -T interview.mp3 http://127.0.0.1:8700/v1/uploads/`

    `trax tokens create newsroom && trax serve --host 0.0.0.0 --jobs 4`

    `PREFECT_API_URL=… trax serve --workers prefect`

    `trax serve --install > ~/.config/systemd/user/trax.service`
    """
    with edge():
        from trax.service.opening import Plan
        from trax.settings import load_settings

        settings = load_settings()
        plan = Plan(host=host, jobs=jobs, drain=drain, workers=workers)
        if install:
            out().print(_unit(settings, plan, port, seats), markup=False, end="")
            return
        _serve(settings, plan, port, seats)


def _serve(settings: "Settings", plan: "Plan", port: int, seats: int) -> None:
    from contextlib import ExitStack

    from trax.compose import start_telemetry
    from trax.service.neighbour import announced
    from trax.service.opening import is_elsewhere, open_service, start_engines
    from trax.web.app import create_app
    from trax.web.server import serve as answer

    def command(device: str, listener: int) -> Sequence[str]:
        engine = [sys.executable, "-m", "trax.cli", "engine", "serve", device]
        options = ["--listener", listener, "--seats", seats, "--drain", plan.drain]
        return [*engine, *map(str, options)]

    log_to_terminal(settings.log_format)
    start_telemetry(settings, "service")
    service = open_service(settings, plan)
    works_here = not is_elsewhere(settings, plan)
    with ExitStack() as stack:
        engines = start_engines(settings, command, plan.drain) if works_here else None
        if engines is not None:
            stack.callback(engines.end)

        def ready(address: str) -> None:
            if works_here:
                stack.enter_context(announced(settings.home, address))
            _say_ready(address)

        answer(create_app(service, plan.drain), plan.host, port, ready)


def _say_ready(address: str) -> None:
    err().print(f"Trax answers on {address}; Ctrl-C ends it", soft_wrap=True)


def _unit(settings: "Settings", plan: "Plan", port: int, seats: int) -> str:
    """A unit of systemd that starts the same."""
    options = ["--host", plan.host, "--port", port, "--jobs", plan.jobs, "--seats", seats]
    options += ["--drain", plan.drain, "--workers", plan.workers]
    command = [sys.executable, "-m", "trax.cli", "serve", *map(str, options)]
    home = settings.home.resolve()
    return _UNIT.format(
        home=_word(f"TRAX_HOME={home}"),
        settings=str(home / "service.env").replace("%", "%%"),
        command=" ".join(_word(each).replace("$", "$$") for each in command),
        stop=round(plan.drain) + 60,
    )


def _word(text: str) -> str:
    """A word as systemd reads it, whatever is in it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return escaped if _PLAIN.fullmatch(text) else f'"{escaped}"'
