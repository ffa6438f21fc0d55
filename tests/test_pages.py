"""The web interface as the service hands it out: built files, who gets them, how large they are."""

import gzip
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from trax.testing.web_server import scripted_service
from trax.web.app import create_app

ROOT = Path(__file__).resolve().parents[1]
FIRST_LOAD_BYTES = 400_000


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A service that wants a token, and somebody who has none."""
    app = create_app(scripted_service(tmp_path_factory.mktemp("pages"), token="secret"))
    return TestClient(app)


def assets(document: str) -> list[str]:
    return re.findall(r'(?:src|href)="(/assets/[^"]+)"', document)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/t/3f2a9c01aa10",
        "/t/3f2a9c01aa10/revoice",
        "/revoice/3f2a9c01aa10",
        "/settings/tokens",
        "/sign-in",
    ],
)
def test_every_address_of_the_interface_shows_the_page_to_everybody(client, path):
    """Whoever has no token must be able to sign in; the page has nobody's data."""
    shown = client.get(path)
    assert shown.status_code == 200
    assert shown.headers["content-type"].startswith("text/html")
    assert shown.headers["cache-control"] == "no-cache"


def test_what_is_no_page_still_needs_a_token(client):
    """The pages' openness opens nothing else."""
    for path in ("/v1/transcripts", "/metrics", "/v1", "/tt", "//v1/jobs", "/assets"):
        assert client.get(path).status_code == 401, path


def test_scripts_come_from_the_service_alone(client):
    """No inline script, no other origin; a style needs the nonce that is new each time."""
    first, second = client.get("/"), client.get("/")
    policy = first.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    nonce = re.search(r"'nonce-([\w-]+)'", policy)[1]
    assert f'content="{nonce}"' in first.text
    assert nonce not in second.text
    assert not re.search(r"<script(?![^>]*src=)", first.text)


def test_files_are_kept_for_ever_and_travel_compressed(client):
    """Their names change with what is in them."""
    for path in assets(client.get("/").text):
        got = client.get(path)
        assert got.status_code == 200
        assert "immutable" in got.headers["cache-control"]
        assert got.headers["content-encoding"] == "gzip", path
        assert client.get(path, headers={"Accept-Encoding": ""}).content == got.content


def test_no_other_file_is_handed_out(client):
    """A name is one file's below assets, never a way out of there."""
    for name in ("..%2Findex.html", "%2Fetc%2Fpasswd", "..%2F..%2Fapp.py", "none.js"):
        assert client.get(f"/assets/{name}").status_code == 404, name


def test_the_first_load_is_small():
    """All pages but that of figures, compressed, are at most 400 kB: charts come with theirs."""
    static = ROOT / "trax" / "web" / "static"
    built = [*static.glob("assets/*.js"), *static.glob("assets/*.css")]
    scripts = [each for each in built if not each.name.startswith("AnalyticsPage-")]
    fonts = list(static.glob("assets/inter-latin-wght-normal-*.woff2"))
    sent = sum(len(gzip.compress(path.read_bytes())) for path in scripts)
    sent += sum(path.stat().st_size for path in fonts)
    assert scripts
    assert sent <= FIRST_LOAD_BYTES


def test_nothing_built_points_elsewhere():
    """No source maps, no other hosts than those of namespaces and licences."""
    for path in (ROOT / "trax" / "web" / "static").rglob("*.*"):
        if path.suffix in (".js", ".css", ".html"):
            text = path.read_text("utf-8")
            assert "sourceMappingURL" not in text
            assert not re.search(r"""(src|href|import|fetch)\(?["'`]https?://""", text)
