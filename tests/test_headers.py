"""What browsers are told, and what their pages may ask for."""

from dataclasses import replace

import pytest
from fastapi import FastAPI, WebSocket
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from trax.service.access import Access, Caller
from trax.testing.web_server import scripted_service
from trax.web.app import create_app
from trax.web.credentials import COOKIE
from trax.web.gate import Gate
from trax.web.rights import Rights

ORIGIN = "https://desk.example"


@pytest.fixture
def service(tmp_path):
    return scripted_service(tmp_path / "home")


def test_answers_forbid_what_they_do_not_need(service):
    """Framing, scripts, guessing of types, use by other sites, keeping."""
    client = TestClient(create_app(service), base_url="http://localhost")
    headers = client.get("/v1/jobs").headers
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers
    assert "server" not in headers
    page = client.get("/").headers["content-security-policy"]
    assert "unsafe" not in page
    assert "script-src 'self';" in page


def test_by_tls_browsers_are_told_to_stay(service):
    """For a year."""
    client = TestClient(create_app(service), base_url="https://localhost")
    assert "max-age=31536000" in client.get("/healthz").headers["strict-transport-security"]


def test_other_sites_are_allowed_by_a_setting_alone(service):
    """And then to send a token, never a cookie."""
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
    closed = TestClient(create_app(service), base_url="http://localhost")
    refused = closed.options("/v1/jobs", headers=asked)
    assert "access-control-allow-origin" not in refused.headers
    settings = service.settings.model_copy(
        update={"cors_origins": f"{ORIGIN}/ , https://b.example"}
    )
    app = create_app(replace(service, settings=settings))
    client = TestClient(app, base_url="http://localhost")
    allowed = client.options("/v1/jobs", headers=asked)
    assert allowed.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in allowed.headers
    other = client.options("/v1/jobs", headers=asked | {"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


class TestWebSockets:
    @pytest.fixture
    def client(self, tmp_path):
        known = {"good": Caller(id="a", name="a", scopes=frozenset({"read"}), kind="user")}
        self.known = known
        app = FastAPI()

        @app.websocket("/v1/live")
        async def live(socket: WebSocket) -> None:
            await socket.accept()
            await socket.send_text(socket.state.caller.name)
            await socket.receive_text()

        rights = Rights(scripted_service(tmp_path / "home").workspace.folders)
        app.add_middleware(Gate, access=Access(find=known.get), rights=rights)
        return TestClient(app, base_url="http://localhost")

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Authorization": "Bearer bad"},
            {"Cookie": f"{COOKIE}=good"},
            {"Cookie": f"{COOKIE}=good", "Origin": ORIGIN},
        ],
        ids=["nobody", "unknown", "no origin", "another site"],
    )
    def test_nobody_else_opens_one(self, client, headers):
        """A page of another site neither, whose browser sends the cookie."""
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect("/v1/live", headers=headers),
        ):
            pass

    @pytest.mark.parametrize(
        "headers",
        [
            {"Authorization": "Bearer good"},
            {"Cookie": f"{COOKIE}=good", "Origin": "http://desk", "Host": "desk"},
        ],
        ids=["token", "page"],
    )
    def test_it_is_closed_with_what_opened_it(self, client, headers):
        """Within two seconds or so."""
        with client.websocket_connect("/v1/live", headers=headers) as socket:
            assert socket.receive_text() == "a"
            self.known.clear()
            with pytest.raises(WebSocketDisconnect) as closed:
                socket.receive_text()
            assert closed.value.code == 1008
