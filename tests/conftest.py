"""What tests share: homes that vanish, workspaces without models, models joined once, servers.

Nothing here imports Prefect before a test asks for it.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import httpx
import pytest
from tables import quickly
from typer.testing import CliRunner, Result

# Before any library is imported: the environment that the composition root would set.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8")
os.environ.setdefault("PYANNOTE_METRICS_ENABLED", "0")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
for _name in [
    name
    for name in os.environ
    if name.startswith("TRAX_") or name in ("DEEPSEEK_API_KEY", "OPENAI_API_KEY")
]:
    del os.environ[_name]
# Runs beside this one tidy up the folder that pytest shares, servers that live there included.
if "PYTEST_DEBUG_TEMPROOT" not in os.environ:
    os.environ["PYTEST_DEBUG_TEMPROOT"] = tempfile.mkdtemp(prefix="trax-tests-")

from trax.cli import app
from trax.compose import process_workspace
from trax.errors import MissingPart
from trax.store import Database, FolderStore, ObjectStore
from trax.store.s3 import S3Store
from trax.testing import ScriptedEngines, tone, write_audio
from trax.testing.servers import ChatServer, PostgresServer, S3Server, WebServer
from trax.work import retry as patience
from trax.work.workspace import Workspace

if TYPE_CHECKING:
    from people import World
    from selenium.webdriver import Chrome

ROOT = Path(__file__).resolve().parents[1]

pytest_plugins = ["suite"]


@pytest.fixture(scope="session", autouse=True)
def _quick_tables() -> Iterator[None]:
    """A new SQLite database gets its tables at once, wherever this process makes one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "_upgrade_file", quickly(Database._upgrade_file))
        yield


@pytest.fixture(scope="session")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where packaged models are joined, once a test run."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def home(tmp_path: Path, models_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A Trax home of the test's own, offline, no token, plain Python as runner."""
    folder = tmp_path / "home"
    values = {
        "TRAX_HOME": folder,
        "TRAX_MODELS_DIR": models_folder,
        "TRAX_OFFLINE": "1",
        "TRAX_RUNNER": "local",
        "HF_HUB_OFFLINE": "1",
        "NO_COLOR": "1",
        "COLUMNS": "120",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, str(value))
    for name in ("HF_TOKEN", "HUGGINGFACE_TOKEN", "TRAX_HUGGINGFACE_TOKEN", "TRAX_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    process_workspace.cache_clear()
    yield folder
    process_workspace.cache_clear()


@pytest.fixture(scope="session")
def new_postgres() -> Iterator[Callable[[], PostgresServer]]:
    """Starts a Postgres that a test may stop.

    Its files are not in pytest's folder: other users may not enter that, and Postgres runs as
    another user where the tests run as root.
    """
    with ExitStack() as stack:

        def start() -> PostgresServer:
            folder = stack.enter_context(TemporaryDirectory(prefix="trax-postgres-"))
            try:
                server = PostgresServer(Path(folder) / "data")
            except MissingPart as error:
                pytest.skip(str(error))
            stack.callback(server.close)
            server.skip_flushing()
            return server

        yield start


@pytest.fixture(scope="session")
def postgres(new_postgres: Callable[[], PostgresServer]) -> PostgresServer:
    """A real Postgres, once a test run."""
    return new_postgres()


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """The name of a database with Trax's tables, to make others after."""
    database = Database(postgres.new_database())
    database.upgrade()
    database.close()
    return str(database.name)


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server, once a test run."""
    try:
        server = S3Server(tmp_path_factory.mktemp("s3"))
    except MissingPart as error:
        pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of every kind there is; tables are there."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'db' / 'trax.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database(request.getfixturevalue("postgres_template"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database of every kind there is."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """An empty object store of every kind there is."""
    if request.param == "folder":
        return FolderStore(tmp_path / "store")
    server: S3Server = request.getfixturevalue("s3_server")
    return S3Store(server.config(), FolderStore(tmp_path / "cache"))


@pytest.fixture
def chat_server(tmp_path: Path) -> Iterator[ChatServer]:
    """A real server process that speaks the chat protocol; the name of the model is its script."""
    server = ChatServer(tmp_path / "chat", {"hullo": "hello", "wurld": "world"})
    yield server
    server.stop()


@pytest.fixture(scope="module")
def server_arguments() -> tuple[str, ...]:
    """What the file's service is started with."""
    return ()


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, server_arguments: tuple[str, ...]
) -> Iterator[WebServer]:
    """A service with scripted engines, which nobody ends, for all tests of a file."""
    started = WebServer(tmp_path_factory.mktemp("service"), *server_arguments)
    yield started
    started.stop()


@pytest.fixture
def client(server: WebServer) -> Iterator[httpx.Client]:
    """A client of the file's service."""
    with httpx.Client(base_url=server.url, timeout=60) as opened:
        yield opened


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Callable[..., WebServer]]:
    """Starts a service of the test's own."""
    servers: list[WebServer] = []

    def start(*arguments: str) -> WebServer:
        servers.append(WebServer(tmp_path / "home", *arguments))
        return servers[-1]

    yield start
    for each in servers:
        each.kill()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator["World"]:
    """Somebody's things in a service, those who share them and those who do not, for all tests of
    a file; passwords are hashed at next to no cost.
    """
    from people import World

    from trax.service import passwords

    with pytest.MonkeyPatch.context() as patch:
        hasher = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_hasher", hasher)
        yield World(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Chrome"]:
    """A silent Chromium that speaks English, for all tests of a file."""
    from trax.testing.browser import chromium

    switches = ("--lang=en-US", "--mute-audio")
    with chromium(tmp_path_factory.mktemp("profile"), switches=switches) as started:
        yield started


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between tries."""
    monkeypatch.setattr(patience, "RETRY_DELAYS", [0.0, 0.0, 0.0])


@pytest.fixture
def engines() -> ScriptedEngines:
    """Engines that say what they are told."""
    return ScriptedEngines()


@pytest.fixture
def workspace(tmp_path: Path, engines: ScriptedEngines) -> Workspace:
    """A workspace in a folder, with scripted engines."""
    return Workspace(
        objects=FolderStore(tmp_path / "store"),
        database=Database(f"sqlite:///{tmp_path / 'trax.db'}"),
        engines=engines,
    )


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Two seconds of a tone in a wav file."""
    return write_audio(tmp_path / "recording.wav", tone(2.0))


@pytest.fixture(scope="session")
def sample() -> Path:
    """The sample that the project ships: two people in turn, 69 s."""
    return ROOT / "samples" / "conversation.flac"


@pytest.fixture
def trax(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return run


@pytest.fixture(scope="module")
def prefect_server() -> Iterator[None]:
    """A real Prefect server for all tests of a file."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=180):
        yield
