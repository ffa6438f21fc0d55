"""Signing in at an OpenID provider: a real one in a process of its own."""

import json
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from trax.errors import AccessDenied
from trax.servers import OidcConfig
from trax.service import users
from trax.testing.servers import free_ports
from trax.testing.waiting import wait_until
from trax.testing.web_server import scripted_service
from trax.web.app import create_app
from trax.web.credentials import COOKIE

needed = ("authlib", "oidc_provider_mock")
missing = [name for name in needed if find_spec(name) is None]
pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}"),
]

PASSWORD = "correct horse battery"
PEOPLE = {
    "anna": {"email": "Anna@desk.example", "email_verified": True, "groups": ["desk", "chiefs"]},
    "bea": {"email": "bea@desk.example", "email_verified": False},
    "carl": {"email": "carl@elsewhere.example", "email_verified": True},
    "dora": {"email": "dora@elsewhere.example", "email_verified": True},
    "emil": {"email": "emil@desk.example", "email_verified": True, "name": "Emil E."},
}


@pytest.fixture(scope="module")
def provider():
    """Its address."""
    (port,) = free_ports(1)
    people = []
    for sub, claims in PEOPLE.items():
        people += ["--user-claims", json.dumps({"sub": sub, **claims})]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *people]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: answers(f"{url}/.well-known/openid-configuration"), what="the provider")
    yield url
    process.kill()
    process.wait()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture
def service(tmp_path, provider):
    made = scripted_service(tmp_path / "home", token="owner")
    config = OidcConfig(
        issuer=provider,
        client_id="trax",
        client_secret=SecretStr("secret"),
        domains="desk.example, other.example",
        admin_group="chiefs",
    )
    return replace(made, settings=made.settings.model_copy(update={"oidc": config}))


@pytest.fixture
def client(service):
    return TestClient(create_app(service), base_url="http://localhost", follow_redirects=False)


def asked(client, **query) -> str:
    """Where the service sends a browser."""
    answer = client.get("/v1/session/oidc", params=query)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def allowed(url: str, subject: str) -> str:
    """Where the provider sends a browser back to, once somebody has said who they are there."""
    answer = httpx.post(url, data={"sub": subject}, timeout=10)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


def sign_in(client, subject: str, **query):
    return client.get(allowed(asked(client, **query), subject))


def test_somebody_of_an_allowed_domain_is_added(client, service):
    """With their groups; those of one group administer."""
    assert client.get("/v1/session").json()["organisation"] is True
    answer = sign_in(client, "anna", after="/t/x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/t/x")
    assert "httponly" in answer.headers["set-cookie"].lower()
    me = client.get("/v1/me").json()
    assert (me["name"], me["kind"], me["scopes"]) == ("anna@desk.example", "user", ["admin"])
    groups = {each.name: each.members for each in service.workspace.folders.groups()}
    assert groups == {"desk": ("anna@desk.example",), "chiefs": ("anna@desk.example",)}
    client.cookies.clear()
    assert sign_in(client, "anna").status_code == 303
    assert len(service.workspace.users.all()) == 1


def test_who_is_not_to_be_added_is_refused(client, service):
    """Another domain, or an address that nobody has checked; unless they were added before."""
    for subject in ("bea", "carl"):
        answer = sign_in(client, subject)
        assert (answer.status_code, client.cookies.get(COOKIE)) == (403, None)
    assert service.workspace.users.all() == []
    users.add(service.workspace.users, "dora@elsewhere.example", "")
    assert sign_in(client, "dora").status_code == 303


def test_nobody_takes_over_an_account(client, service):
    """That has a password: whose it is, only an administrator knows. And who is disabled stays
    out.
    """
    users.add(service.workspace.users, "emil@desk.example", PASSWORD)
    assert sign_in(client, "emil").status_code == 403
    service.workspace.users.remove("emil@desk.example")
    assert sign_in(client, "emil").status_code == 303
    assert service.workspace.users.get("emil@desk.example").full_name == "Emil E."
    users.change(service.workspace.users, "emil@desk.example", disabled=True)
    client.cookies.clear()
    assert sign_in(client, "emil").status_code == 403


def test_the_code_is_of_no_use_elsewhere(client, service):
    """State, nonce and the proof of PKCE are this browser's, and new each time."""
    url = asked(client)
    query = parse_qs(urlsplit(url).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["response_type"] == ["code"]
    assert {"state", "nonce", "code_challenge"} <= query.keys()
    assert query["redirect_uri"] == ["http://localhost/v1/session/oidc/callback"]
    back = allowed(url, "anna")
    stranger = TestClient(client.app, base_url="http://localhost", follow_redirects=False)
    assert stranger.get(back).status_code == 401
    again = parse_qs(urlsplit(asked(stranger)).query)
    assert all(again[name] != query[name] for name in ("state", "nonce", "code_challenge"))
    assert stranger.get(back).status_code == 401  # another's state
    assert client.get(back.replace("code=", "code=x")).status_code == 401
    assert client.get("/v1/session/oidc/callback", params={"error": "x"}).status_code == 401


def test_another_times_word_is_refused(client, service):
    """A token of the provider with another nonce, or for another service."""
    from joserfc.errors import JoseError

    provider = client.app.state.oidc
    callback = "http://localhost/v1/session/oidc/callback"
    url, beginning = provider.begin(callback, "/")
    code = parse_qs(urlsplit(allowed(url, "anna")).query)["code"][0]
    from trax.errors import Unidentified

    with pytest.raises(Unidentified):
        provider.claims(callback, code, replace(beginning, nonce="another"))
    word, nonce = word_for(provider.config.model_copy(update={"client_id": "other"}), callback)
    with pytest.raises(JoseError):
        provider._checked(word, nonce)
    url, beginning = provider.begin(callback, "/")
    code = parse_qs(urlsplit(allowed(url, "anna")).query)["code"][0]
    assert provider.claims(callback, code, beginning)["sub"] == "anna"


def word_for(config: OidcConfig, callback: str) -> tuple[str, str]:
    """What the provider says of somebody to the service of *config*, and the nonce in it."""
    from trax.service.oidc import Provider

    other = Provider(config)
    url, beginning = other.begin(callback, "/")
    code = parse_qs(urlsplit(allowed(url, "anna")).query)["code"][0]
    with other._client(callback) as client:
        endpoint = other._description()["token_endpoint"]
        token = client.fetch_token(endpoint, code=code, code_verifier=beginning.verifier)
    return token["id_token"], beginning.nonce


def test_one_comes_back_to_this_service_alone(client):
    """Whatever page is asked for."""
    for page in ("https://evil.example", "//evil.example", "/\\evil.example", "evil"):
        client.cookies.clear()
        assert sign_in(client, "anna", after=page).headers["location"] == "/"


def test_a_provider_that_is_away_is_said_to_be(tmp_path):
    """As something that passes. Without one there is nothing at that place."""
    made = scripted_service(tmp_path / "home", token="owner")
    none = TestClient(create_app(made), base_url="http://localhost", follow_redirects=False)
    assert none.get("/v1/session/oidc").status_code == 404
    config = OidcConfig(issuer="http://127.0.0.1:9", client_id="trax")
    away = replace(made, settings=made.settings.model_copy(update={"oidc": config}))
    client = TestClient(create_app(away), base_url="http://localhost", follow_redirects=False)
    assert client.get("/v1/session/oidc").status_code == 503


def test_a_claim_of_groups_that_is_none_changes_nothing(service):
    """Nor is anybody added without an address."""
    from trax.service.oidc import user_of

    workspace, config = service.workspace, service.settings.oidc
    claims = {"sub": "x", "email": "x@desk.example", "email_verified": True, "groups": "chiefs"}
    user = user_of(config, workspace.users, workspace.folders, claims)
    assert "admin" not in user.scopes
    for wrong in ({"sub": "y"}, {"sub": "y", "email": "y@desk.example"}, claims | {"sub": "z"}):
        with pytest.raises(AccessDenied):
            user_of(config, workspace.users, workspace.folders, wrong)


def test_a_claim_of_groups_that_is_missing_is_no_group(service):
    """Providers leave it out for whoever is in none any more: nothing stays of what they were."""
    from trax.service.oidc import user_of

    workspace, config = service.workspace, service.settings.oidc
    claims = {"sub": "v", "email": "v@desk.example", "email_verified": True}
    told = {**claims, "groups": ["chiefs", "desk"]}
    assert user_of(config, workspace.users, workspace.folders, told).scopes == "admin"
    assert "admin" not in user_of(config, workspace.users, workspace.folders, claims).scopes
    assert all("v@desk.example" not in group.members for group in workspace.folders.groups())


def test_groups_are_kept_here_if_the_provider_is_not_asked(service):
    """With no claim configured."""
    from trax.service.oidc import user_of

    workspace = service.workspace
    config = service.settings.oidc.model_copy(update={"groups_claim": ""})
    claims = {"sub": "w", "email": "w@desk.example", "email_verified": True, "groups": ["x"]}
    user_of(config, workspace.users, workspace.folders, claims)
    workspace.folders.set_group("desk", ["w@desk.example"])
    user_of(config, workspace.users, workspace.folders, claims)
    members = {group.name: group.members for group in workspace.folders.groups()}
    assert members == {"desk": ("w@desk.example",)}
