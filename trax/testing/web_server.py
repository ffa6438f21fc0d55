"""A service with scripted engines: ``python -m trax.testing.web_server HOME``.

It prints its address. What a recording's prompt says decides, as in `trax.testing.engine_server`.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from starlette.testclient import TestClient

from trax.compose import start_telemetry
from trax.service.access import Access
from trax.service.forecast import Forecasts
from trax.service.neighbour import announced
from trax.service.opening import Known, access_for
from trax.service.serving import Service
from trax.service.targets import Targets
from trax.service.workers import LocalWorkers
from trax.settings import load_settings
from trax.telemetry.logs import show_logs
from trax.testing.engine_server import scripted_workspace
from trax.testing.engines import ScriptedEngines, ScriptedModel, shouted
from trax.testing.levels import talks
from trax.testing.talk import SCRIPT, ScriptedTalk
from trax.web.app import create_app
from trax.web.server import serve
from trax.work.workspace import Workspace


def scripted_service(
    home: Path,
    jobs: int = 2,
    token: str = "",
    database: str = "",
    engines: ScriptedEngines | None = None,
) -> Service:
    """A service in *home* that works on jobs in this process."""
    workspace = scripted_workspace(home, database)
    if engines is not None:
        workspace = replace(workspace, engines=engines)
    settings = load_settings()
    workers = LocalWorkers(workspace, jobs)
    return Service(
        workspace=workspace,
        settings=settings,
        targets=Targets(settings.inside_targets),
        workers=workers,
        hears=talks,
        forecast=Forecasts(workspace.figures, workers).of,
        access=access_for("127.0.0.1", token, Known.of(workspace)),
    )


@contextmanager
def serving(workspace: Workspace, access: Access | None = None) -> Iterator[TestClient]:
    """A client of a service over *workspace* that runs in this process; open to everybody unless
    *access* says otherwise.
    """
    service = Service(
        workspace=workspace,
        settings=load_settings(),
        workers=LocalWorkers(workspace, 1),
        hears=talks,
        access=access or Access(is_open=True),
    )
    with TestClient(create_app(service), base_url="http://127.0.0.1") as client:
        yield client


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--token", default="")
    parser.add_argument("--drain", type=float, default=30.0)
    parser.add_argument("--database", default="")
    parser.add_argument("--shouts", action="store_true", help="has a model that translates")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--talk", action="store_true", help="hear the script of trax.testing.talk")
    chosen = parser.parse_args()
    show_logs(sys.stderr, as_json=True)
    os.environ["TRAX_HOME"] = str(chosen.home)
    if chosen.shouts:
        os.environ["TRAX_LLM_MODEL"] = "shouting"
    start_telemetry(load_settings(), "service")
    engines: ScriptedEngines | None = ScriptedTalk(script=SCRIPT) if chosen.talk else None
    if chosen.shouts:
        engines = ScriptedEngines(model=ScriptedModel(shouted))
    service = scripted_service(chosen.home, chosen.jobs, chosen.token, chosen.database, engines)
    app = create_app(service, chosen.drain)
    with ExitStack() as stack:

        def ready(address: str) -> None:
            stack.enter_context(announced(chosen.home, address))
            print(address, flush=True)  # noqa: T201

        serve(app, "127.0.0.1", chosen.port, ready)


if __name__ == "__main__":
    main()
