"""What `trax doctor` says of a Prefect server: whether it answers, and what it has of Trax."""

import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from trax.cli.doctor import ADVICE
from trax.orchestration.condition import (
    PoolCondition,
    ServerCondition,
    WorkerCondition,
)
from trax.orchestration.environment import is_server_named
from trax.service import health
from trax.testing.servers import PrefectServer

ROOT = Path(__file__).resolve().parents[1]

SERVER = ServerCondition(
    url="http://127.0.0.1:4200/api/",
    version="3.8.8",
    client="3.8.8",
    database="postgresql",
    pools=(),
    deployments=("transcribe/transcribe",),
    missing=(),
    late=0,
    latest=0.0,
)


def worker(name, silence, *, online=True):
    return WorkerCondition(name=name, online=online, silence=silence)


class TestNames:
    """Whether a server is configured, without Prefect."""

    @pytest.fixture(autouse=True)
    def _nowhere(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("HOME", str(tmp_path))
        for name in ("PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_HOME"):
            monkeypatch.delenv(name, raising=False)

    def test_nothing_names_one(self, tmp_path):
        """Files that are damaged name none."""
        assert not is_server_named(tmp_path / "prefect")
        (tmp_path / "prefect.toml").write_text("not TOML")
        assert not is_server_named(tmp_path / "prefect")

    def test_the_environment_does(self, tmp_path, monkeypatch):
        """An empty variable does not."""
        monkeypatch.setenv("PREFECT_API_URL", "")
        assert not is_server_named(tmp_path)
        monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:4200/api")
        assert is_server_named(tmp_path)

    @pytest.mark.parametrize("folder", [".prefect", "elsewhere", "own"])
    def test_the_active_profile_does(self, tmp_path, monkeypatch, folder):
        """In the user's home, in PREFECT_HOME, or in ours."""
        if folder == "elsewhere":
            monkeypatch.setenv("PREFECT_HOME", str(tmp_path / folder))
        file = tmp_path / folder / "profiles.toml"
        file.parent.mkdir()
        file.write_text(
            'active = "plain"\n[profiles.plain]\n'
            '[profiles.team]\nPREFECT_API_URL = "http://prefect:4200/api"\n'
        )
        assert not is_server_named(tmp_path / "own")
        monkeypatch.setenv("PREFECT_PROFILE", "team")
        assert is_server_named(tmp_path / "own")

    def test_files_of_the_folder_do(self, tmp_path):
        """Prefect reads them too."""
        (tmp_path / "pyproject.toml").write_text('[tool.prefect.api]\nurl = "http://p/api"\n')
        assert is_server_named(tmp_path / "own")


class TestWords:
    """What is said of a server that answers."""

    def test_every_problem_has_advice(self):
        """And every advice a problem."""
        assert set(ADVICE) == set(health.Problem.__args__)

    def test_a_server_in_good_order(self):
        """Its version, its address, its database."""
        check = health._server(SERVER)
        assert (check.state, check.found) == (
            "ok",
            "Prefect 3.8.8 at http://127.0.0.1:4200/api/, on postgresql",
        )

    def test_another_version_is_told(self):
        """Workers and server should agree."""
        from dataclasses import replace

        check = health._server(replace(SERVER, version="3.7.0"))
        assert check.problem == "prefect differs"

    @pytest.mark.parametrize(
        ("pool", "problem", "said"),
        [
            (PoolCondition(name="gpu"), "no pool", "no such work pool"),
            (PoolCondition(name="gpu", kind="process"), "no worker", "never had a worker"),
            (
                PoolCondition(
                    name="gpu", kind="process", workers=(worker("w", 7300, online=False),)
                ),
                "no worker",
                "no worker is online; w was seen 2 h ago",
            ),
            (
                PoolCondition(
                    name="gpu",
                    kind="process",
                    workers=(worker("w", 12), worker("v", 9e5, online=False)),
                ),
                None,
                "process; 1 online, 1 offline; w was seen 12 s ago",
            ),
            (
                PoolCondition(name="gpu", kind="docker", paused=True, workers=(worker("w", 1),)),
                "pool paused",
                "it is paused",
            ),
        ],
    )
    def test_pools(self, pool, problem, said):
        """Those that nobody works for, too."""
        check = health._pool(pool)
        assert check.problem == problem
        assert said in check.found

    def test_deployments_that_are_missing_are_named(self):
        """Unless none is there."""
        from dataclasses import replace

        some = health._deployments(replace(SERVER, missing=("export/export",)))
        assert some.found == "1 are there; missing: export/export"
        none = health._deployments(replace(SERVER, deployments=(), missing=("a/a", "b/b")))
        assert none.found == "none of 2 is there"

    def test_late_runs_are_counted(self):
        """With how late the first is."""
        from dataclasses import replace

        assert health._late(SERVER).state == "ok"
        check = health._late(replace(SERVER, late=3, latest=150.0))
        assert check.found == "3 runs are late, the first for 2 min"


def doctor(folder, url="", **environment):
    """The checks of the command, by name, and its exit code; it is waited for two minutes."""
    values = {
        "TRAX_HOME": str(folder / "home"),
        "HOME": str(folder),
        "TRAX_OFFLINE": "1",
        "PREFECT_HOME": str(folder / "prefect"),
        **({"PREFECT_API_URL": url} if url else {}),
        **environment,
    }
    done = subprocess.run(
        [sys.executable, "-m", "trax.cli", "doctor", "--json"],
        env={name: value for name, value in os.environ.items() if "PREFECT" not in name} | values,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    checks = {check["check"]: check for check in json.loads(done.stdout)}
    return checks, done.returncode


@pytest.mark.prefect
class TestServer:
    def test_without_a_server_prefect_is_not_even_imported(self, tmp_path, home):
        """Whoever has none waits for nothing."""
        script = (
            "import sys; from trax.service.health import _orchestration;"
            "from trax.settings import load_settings;"
            "print(_orchestration(load_settings()), 'prefect' in sys.modules)"
        )
        environment = {name: each for name, each in os.environ.items() if "PREFECT" not in name}
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=environment | {"HOME": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.endswith("False\n")
        assert "plain Python" in done.stdout

    def test_one_that_is_away_is_told_and_not_waited_for(self, tmp_path):
        """Nobody listens; or somebody does, and says nothing."""
        checks, code = doctor(tmp_path, "http://127.0.0.1:1/api")
        assert code == 3
        assert checks["prefect"]["state"] == "missing"
        assert "does not answer" in checks["prefect"]["found"]
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/api"
            checks, _code = doctor(tmp_path, url, TRAX_RUNNER="local")
        assert checks["prefect"]["state"] == "note"

    def test_what_is_there_and_what_is_missing(self, tmp_path):
        """Before it is set up, and after."""
        server = PrefectServer(tmp_path / "prefect")
        try:
            checks, _code = doctor(tmp_path, server.environment["PREFECT_API_URL"])
            assert checks["runner"]["found"] == "Prefect with the Prefect server below"
            assert checks["prefect"]["state"] == "ok"
            for name in ("pool gpu", "pool cpu"):
                assert "trax prefect setup" in checks[name]["advice"]
            assert "prefect deploy --all" in checks["deployments"]["advice"]
            fill(server)
            checks, _code = doctor(tmp_path, server.environment["PREFECT_API_URL"])
        finally:
            server.stop()
        assert checks["pool gpu"]["state"] == "ok"
        assert "1 online; w1 was seen" in checks["pool gpu"]["found"]
        assert "trax prefect serve" in checks["pool cpu"]["advice"]
        assert "1 are there; missing: transcribe-batch/" in checks["deployments"]["found"]
        assert checks["late runs"]["found"].startswith("1 run is late, the first for 5 min")


def fill(server):
    """Both pools, a worker in one of them, a deployment, and a run that is late."""
    with httpx.Client(base_url=f"{server.url}/api") as client:

        def post(path, **body):
            answer = client.post(path, json=body).raise_for_status()
            return answer.json() if answer.content else {}

        for name in ("gpu", "cpu"):
            post("/work_pools/", name=name, type="process")
        post("/work_pools/gpu/workers/heartbeat", name="w1")
        flow = post("/flows/", name="transcribe")
        post("/deployments/", name="transcribe", flow_id=flow["id"], tags=["trax"])
        due = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
        late = {"type": "SCHEDULED", "name": "Late", "state_details": {"scheduled_time": due}}
        post("/flow_runs/", flow_id=flow["id"], tags=["trax"], state=late)
