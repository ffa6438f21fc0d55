"""Servers on this machine: reached without a proxy, and ended with the process they work for."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from trax.enhance import Question
from trax.enhance.chat import ChatModel
from trax.proxies import is_loopback, reach_loopback_directly
from trax.servers import ChatConfig
from trax.store import FolderStore
from trax.store.s3 import S3Store
from trax.testing.waiting import wait_until

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
DEAD = "127.0.0.1:9"
PROXIES = [
    {"HTTP_PROXY": f"http://{DEAD}"},
    {"http_proxy": f"http://{DEAD}", "https_proxy": f"http://{DEAD}"},
    {"ALL_PROXY": f"socks5://{DEAD}"},
    {"all_proxy": f"socks5h://{DEAD}"},
    {"all_proxy": f"socks://{DEAD}/"},
    {"HTTP_PROXY": f"http://{DEAD}", "NO_PROXY": "example.org", "no_proxy": "example.com"},
    {"http_proxy": DEAD, "NO_PROXY": ""},
]
LOCAL = ["http://127.0.0.1:{}", "http://localhost:{}"]


@pytest.fixture(
    params=PROXIES, ids=lambda proxies: " ".join(f"{k}={v}" for k, v in proxies.items())
)
def proxies(request, monkeypatch) -> dict[str, str]:
    """An environment with proxies that nobody answers at."""
    if any("socks" in value for value in request.param.values()):
        pytest.importorskip("socksio")
    for name in NAMES:
        for written in (name, name.upper()):
            monkeypatch.setenv(written, "")  # so that it is put back, whatever sets it
            monkeypatch.delenv(written)
    for name, value in request.param.items():
        monkeypatch.setenv(name, value)
    return dict(request.param)


class Greeting(BaseHTTPRequestHandler):
    """Answers everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a server on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Greeting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


class TestProxies:
    @pytest.mark.parametrize("address", LOCAL)
    def test_a_server_on_this_machine_is_reached(self, proxies, port, address):
        """Whichever proxy is named, and however."""
        reach_loopback_directly()
        assert httpx.get(address.format(port)).text == "hello"

    def test_others_are_asked_for_through_the_proxy(self, proxies, monkeypatch):
        """Exceptions that the user has named stay."""
        reach_loopback_directly()
        with pytest.raises(httpx.ConnectError):
            httpx.get("http://192.0.2.1/", timeout=5)
        for name in ("NO_PROXY", "no_proxy"):
            assert proxies.get(name, "") in os.environ[name]

    def test_an_address_of_loopback_s_own_is_excepted(self, proxies):
        """All of 127.0.0.0/8 is this machine."""
        reach_loopback_directly("http://127.8.9.10:4200/api", "https://prefect.example.org/api")
        assert os.environ["no_proxy"].endswith("127.8.9.10")

    def test_doing_it_again_changes_nothing(self, proxies):
        """Every process does, of those that start each other."""
        reach_loopback_directly()
        before = dict(os.environ)
        reach_loopback_directly()
        assert dict(os.environ) == before

    def test_without_a_proxy_nothing_is_set(self, monkeypatch):
        """The system's own settings, where it has some, stay in force."""
        for name in NAMES:
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.upper(), raising=False)
        reach_loopback_directly()
        assert "no_proxy" not in os.environ

    @pytest.mark.parametrize(
        ("url", "local"),
        [
            ("http://localhost:11434/v1", True),
            ("http://LOCALHOST./v1", True),
            ("http://[::1]:80", True),
            ("http://127.1.2.3", True),
            ("http://trax.localhost", True),
            ("https://localhost.example.org", False),
            ("http://10.0.0.1", False),
            ("http://[", False),
            ("", False),
        ],
    )
    def test_addresses_of_this_machine(self, url, local):
        """By name or number."""
        assert is_loopback(url) is local

    def test_a_local_language_model_is_reached(self, chat_server, proxies):
        """Its client looks at no proxy."""
        model = ChatModel(ChatConfig(provider="other", base_url=chat_server.url, model="fix"))
        schema = {"type": "object", "properties": {}, "additionalProperties": False}
        question = Question(task="correct", system="s", user="u", schema=schema, most_tokens=9)
        assert model.ask(question).usage.requests == 1

    def test_a_local_object_store_is_reached(self, proxies, s3_server, tmp_path):
        """Its client looks at no proxy."""
        store = S3Store(s3_server.config(), FolderStore(tmp_path))
        assert store.read(store.put_bytes("a", b"1").key) == b"1"


SERVE = "import trax.orchestration.collection, time; print('started', flush=True); time.sleep(60)"


@pytest.mark.prefect
class TestTemporaryServer:
    @pytest.mark.slow
    @pytest.mark.parametrize(
        "proxy", [{"http_proxy": f"http://{DEAD}"}, {"ALL_PROXY": f"socks5://{DEAD}"}]
    )
    def test_it_is_reached_without_a_proxy(self, tmp_path, proxy):
        """From the process that starts it."""
        if "ALL_PROXY" in proxy:
            pytest.importorskip("socksio")
        script = (
            "from pathlib import Path\n"
            "from trax.orchestration.environment import configure\n"
            f"configure(Path({str(tmp_path)!r}))\n"
            "from prefect.client.orchestration import get_client\n"
            "with get_client(sync_client=True) as client: client.hello()\n"
        )
        environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], **proxy}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-2000:]

    def test_it_ends_although_its_owner_was_gone_first(self, tmp_path):
        """Killed while the server was still starting."""
        gone = subprocess.Popen(["true"])
        gone.wait()
        assert self.served(gone.pid, tmp_path).wait(timeout=60) == 0

    def test_it_lives_while_its_owner_does(self, tmp_path):
        """And a server of another process's is left alone."""
        servers = [self.served(os.getpid(), tmp_path), self.served(os.getppid(), tmp_path)]
        for server in servers:
            assert server.stdout is not None
            assert server.stdout.readline() == b"started\n"
        time.sleep(2.5)
        for server in servers:
            assert server.poll() is None
            server.kill()
            server.wait()

    def served(self, owner: int, home: Path) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "HOME": str(home),
            "PREFECT__SERVER_EPHEMERAL": "1",
            "TRAX_TEMPORARY_SERVER_OF": str(owner),
        }
        return subprocess.Popen(
            [sys.executable, "-c", SERVE], env=environment, stdout=subprocess.PIPE
        )

    @pytest.mark.slow
    def test_no_process_stays_when_it_is_ended_at_its_start(self, tmp_path):
        """SIGTERM while the server is starting."""
        script = (
            "from pathlib import Path\n"
            "from trax.orchestration.environment import configure\n"
            f"configure(Path({str(tmp_path)!r}))\n"
            "from prefect.server.api.server import SubprocessASGIServer\n"
            "server = SubprocessASGIServer()\n"
            "start = server._run_uvicorn_command\n"
            "def started():\n"
            "    process = start()\n"
            "    print(process.pid, flush=True)\n"
            "    return process\n"
            "server._run_uvicorn_command = started\n"
            "server.start()\n"
        )
        environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
        owner = subprocess.Popen(
            [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE
        )
        assert owner.stdout is not None
        server = int(owner.stdout.readline())
        owner.send_signal(signal.SIGTERM)
        owner.wait()
        wait_until(lambda: not _lives(server), what="the server's end")


def _lives(process: int) -> bool:
    """Whether a process that is nobody's child here still runs."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
