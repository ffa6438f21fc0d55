"""Addresses that callers name: nothing inside is reached, however it is written."""

import asyncio
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from trax.errors import InvalidOption, RefusedTarget, Unreachable
from trax.service.reaching import Reaching
from trax.service.targets import Targets

NAMES = {
    "good.example": ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    "loop.example": ["127.0.0.1"],
    "mixed.example": ["93.184.215.14", "10.0.0.7"],
    "six.example": ["::1"],
    "mapped.example": ["::ffff:169.254.169.254"],
    "zone.example": ["fe80::1%eth0"],
    "public-zone.example": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c%1"],
    "public-mapped.example": ["::ffff:93.184.215.14"],
    "meta.example": ["169.254.169.254"],
    "azure.example": ["168.63.129.16"],
    "shared.example": ["100.100.100.200"],
    "empty.example": [],
    "hooks.inside.example": ["10.1.2.3"],
}

HOSTILE = [
    "",
    "newsroom",
    "//93.184.215.14/",
    "file:///etc/passwd",
    "ftp://good.example/",
    "gopher://good.example/_x",
    "unix:///run/docker.sock",
    "data:text/plain,x",
    "javascript:alert(1)",
    "http:good.example",
    "http:/good.example",
    "http://",
    "http:///path",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://metadata/",
    "http://redis:6379/",
    "http://127.0.0.1/",
    "http://127.0.0.1:8080/",
    "http://127.1/",
    "http://127.0.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0x7f000001/",
    "http://0x7f.0x0.0x0.0x1/",
    "http://0x7f.1/",
    "http://127.0.0.1./",
    "http://127.000.000.001/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://100.100.100.200/latest/meta-data/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://168.63.129.16/machine",
    "http://192.0.0.192/",
    "http://192.88.99.1/",
    "http://198.18.0.1/",
    "http://192.0.2.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:93.184.215.14]/",
    "http://[4000::1]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::]/",
    "http://[2001:db8::1]/",
    "http://[::1",
    "http://user@good.example/",
    "http://user:password@good.example/",
    "http://good.example@127.0.0.1/",
    "http://127.0.0.1#@good.example/",
    "http://good.example\\@127.0.0.1/",
    "http://good.example:22/",
    "http://good.example:25/",
    "http://good.example:6379/",
    "http://good.example:0/",
    "http://good.example:99999/",
    "http://good.example:80:80/",
    "http://good.example /",
    "http://good.example/a b",
    "http://good.example/\r\nHost: 127.0.0.1",
    "http://good.example/\n",
    "http://good.example\t/",
    "http://good.example%2f@127.0.0.1/",
    "http://%31%32%37.0.0.1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "http://gооd.example/",
    "http://-good.example/",
    "http://good..example/",
    "http://" + "a" * 64 + ".example/",
    "http://good.example/" + "a" * 2000,
    "http://loop.example/",
    "http://loop.example./",
    "http://mixed.example/",
    "http://six.example/",
    "http://mapped.example/",
    "http://zone.example/",
    "http://public-zone.example/",
    "http://public-mapped.example/",
    "http://meta.example/",
    "http://azure.example/",
    "http://shared.example/",
    "http://hooks.inside.example/",
]


def resolve(host: str, port: int) -> list[str]:
    if host not in NAMES:
        raise socket.gaierror("unknown")
    return NAMES[host]


@pytest.mark.parametrize("url", HOSTILE)
def test_nothing_inside_is_named(url):
    """By no way of writing it."""
    with pytest.raises(RefusedTarget, match="the address cannot be used"):
        Targets(resolve=resolve).check(url)


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("https://good.example", "good.example", "/"),
        ("HTTPS://Good.Example:443/a?b=c#d", "good.example", "/a?b=c"),
        ("http://good.example:8080?x", "good.example:8080", "/?x"),
        ("http://93.184.215.14/%20[x]", "93.184.215.14", "/%20[x]"),
        ("http://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:8443/", None, "/"),
    ],
)
def test_what_is_public_is_reached(url, authority, path):
    """At its ports, with its path."""
    target = Targets(resolve=resolve).check(url)
    assert target.path == path
    assert authority in (None, target.authority)


@pytest.mark.parametrize("host", ["empty.example", "unknown.example"])
def test_who_is_not_known_is_not_reached(host):
    """Perhaps later."""
    with pytest.raises(Unreachable) as told:
        Targets(resolve=resolve).check(f"http://{host}/")
    assert told.value.transient


@pytest.mark.parametrize(
    ("inside", "url", "is_reached"),
    [
        ("10.1.0.0/16", "http://hooks.inside.example:9000/", True),
        ("10.1.0.0/16:9000", "http://hooks.inside.example:9000/", True),
        ("10.1.0.0/16:9000", "http://hooks.inside.example:9001/", False),
        ("10.2.0.0/16", "http://hooks.inside.example/", False),
        ("hooks.inside.example", "http://hooks.inside.example:9000/", True),
        ("hooks.inside.example:9000", "http://hooks.inside.example/", False),
        ("127.0.0.1:8700, localhost", "http://127.0.0.1:8700/", True),
        ("127.0.0.1:8700, localhost", "http://127.0.0.1:8701/", False),
        ("[::1]:8700", "http://[::1]:8700/", True),
        ("10.1.0.0/16", "http://127.0.0.1/", False),
    ],
)
def test_what_is_named_inside_is_reached(inside, url, is_reached):
    """That, and nothing beside it."""
    targets = Targets(inside, resolve)
    if is_reached:
        targets.check(url)
    else:
        with pytest.raises(RefusedTarget):
            targets.check(url)


@pytest.mark.parametrize("inside", ["10.1.0.0/99", "a b", "127.1", "host:0", "host:x", "http://x"])
def test_what_names_nothing_inside_is_refused(inside):
    """When the service starts."""
    with pytest.raises(InvalidOption):
        Targets(inside)


class Rebinding:
    """A server of names that says another address each time."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return [self.answers.pop(0)]


@pytest.fixture
def knocked():
    """A server on this machine, and who has knocked at it."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append(self.headers["Host"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, seen
    server.shutdown()
    server.server_close()


def post(targets: Targets, url: str) -> int:
    async def ask() -> int:
        reaching = Reaching(targets)
        try:
            headers = {"Content-Length": "0"}
            async with reaching.asked("POST", targets.parsed(url), headers, seconds=5) as answer:
                return answer.status
        finally:
            await reaching.close()

    return asyncio.run(ask())


def test_a_name_that_leads_elsewhere_the_second_time_is_refused(knocked):
    """What is connected to is what was judged."""
    port, seen = knocked
    names = Rebinding("93.184.215.14", "127.0.0.1")
    targets = Targets(f"10.1.0.0/16:{port}", names)
    names.answers[0] = "10.1.0.1"
    targets.check(f"http://rebinding.example:{port}/")
    with pytest.raises(RefusedTarget):
        post(targets, f"http://rebinding.example:{port}/")
    assert (seen, names.asked) == ([], 2)


def test_a_connection_goes_to_the_address_that_was_judged(knocked):
    """The name is asked for once, and the server hears it."""
    port, seen = knocked
    names = Rebinding("127.0.0.1", "10.9.9.9")
    assert post(Targets(f"127.0.0.1:{port}", names), f"http://hooks.example:{port}/") == 204
    assert (seen, names.asked) == ([f"hooks.example:{port}"], 1)


def test_who_does_not_answer_is_said_to(knocked):
    """Nobody listens there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match="nobody answers"):
        post(Targets("127.0.0.1"), f"http://127.0.0.1:{port}/")
