"""Signing in at an organisation's OpenID provider: code flow with PKCE, state and nonce."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from trax.errors import AccessDenied, InvalidOption, StoreUnavailable, Unidentified
from trax.servers import OidcConfig
from trax.service.users import USUAL_SCOPES, checked_name
from trax.store import FolderRepository, User, UserRepository

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
_KEPT = 3600.0  # seconds for which is remembered what the provider says of itself
_PATIENCE = 10.0  # seconds
_LEEWAY = 60  # seconds by which clocks may differ
_DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a browser keeps between leaving for the provider and coming back.

    Attributes:
        state: comes back with the browser: it is the same one.
        nonce: comes back in the provider's word: it was given for this very time.
        verifier: proves to the provider who asked for the code.
        after: the page to show then.
    """

    state: str
    nonce: str
    verifier: str
    after: str


class Provider:
    """An organisation's OpenID provider."""

    def __init__(self, config: OidcConfig) -> None:
        self.config = config
        self._described: tuple[float, dict[str, Any]] = (-_KEPT, {})
        self._keys: KeySet | None = None

    def begin(self, callback: str, after: str) -> tuple[str, Beginning]:
        """Where to send a browser, and what it is to keep.

        Args:
            callback: the address to come back to.

        Raises:
            StoreUnavailable: the provider does not answer.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        beginning = Beginning(state, nonce, verifier, after)
        endpoint = self._description()["authorization_endpoint"]
        with self._client(callback) as client:
            url, _state = client.create_authorization_url(
                endpoint,
                state=beginning.state,
                nonce=beginning.nonce,
                code_verifier=beginning.verifier,
            )
        return str(url), beginning

    def claims(self, callback: str, code: str, beginning: Beginning) -> dict[str, Any]:
        """What the provider says of whoever has come back with *code*.

        Raises:
            Unidentified: the provider does not confirm it.
            StoreUnavailable: it does not answer.
        """
        described = self._description()
        try:
            with self._client(callback) as client:
                token = client.fetch_token(
                    described["token_endpoint"], code=code, code_verifier=beginning.verifier
                )
                claims = self._checked(str(token.get("id_token", "")), beginning.nonce)
                return claims | self._more(client, described, claims["sub"])
        except (OAuthError, JoseError, ValueError) as error:
            raise Unidentified("the provider does not confirm who you are") from error
        except httpx.HTTPError as error:
            raise StoreUnavailable("the provider does not answer") from error

    def _more(
        self, client: OAuth2Client, described: Mapping[str, Any], subject: str
    ) -> dict[str, Any]:
        """What it says besides, of the same person."""
        endpoint = described.get("userinfo_endpoint")
        if not endpoint:
            return {}
        answer = client.get(endpoint)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        if found.get("sub") != subject:
            raise Unidentified("the provider does not confirm who you are")
        return found

    def _checked(self, id_token: str, nonce: str) -> dict[str, Any]:
        try:
            token = jwt.decode(id_token, self._key_set(), algorithms=_ALGORITHMS)
        except (JoseError, ValueError):  # its keys may be new
            token = jwt.decode(id_token, self._key_set(again=True), algorithms=_ALGORITHMS)
        registry = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": self._description()["issuer"]},
            aud={"essential": True, "value": self.config.client_id},
            sub={"essential": True},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        registry.validate(token.claims)
        return dict(token.claims)

    def _description(self) -> dict[str, Any]:
        read_at, described = self._described
        if time.monotonic() - read_at < _KEPT:
            return described
        issuer = self.config.issuer.rstrip("/")
        described = _read(issuer + _DISCOVERY)
        if str(described.get("issuer", "")).rstrip("/") != issuer:
            raise StoreUnavailable("the provider says that it is another one")
        self._described = (time.monotonic(), described)
        return described

    def _key_set(self, *, again: bool = False) -> KeySet:
        if self._keys is None or again:
            keys: Any = _read(self._description()["jwks_uri"])
            self._keys = KeySet.import_key_set(keys)
        return self._keys

    def _client(self, callback: str) -> OAuth2Client:
        return OAuth2Client(
            self.config.client_id,
            self.config.client_secret.get_secret_value() or None,
            scope=self.config.scope,
            redirect_uri=callback,
            code_challenge_method="S256",
            timeout=_PATIENCE,
        )


def user_of(
    config: OidcConfig, users: UserRepository, folders: FolderRepository, claims: Mapping[str, Any]
) -> User:
    """The user whom a provider means, added if their domain is allowed; in the groups that it says
    alone.

    Raises:
        AccessDenied: they are not known, and not to be added, or disabled.
    """
    issuer, subject = config.issuer.rstrip("/"), str(claims["sub"])
    user = users.by_identity(issuer, subject) or _new_user(config, users, claims)
    if user.disabled_at is not None:
        raise AccessDenied("you may not use this service")
    users.identify(issuer, subject, user.id)
    if not config.groups_claim:
        return user
    said = claims.get(config.groups_claim)
    # Providers leave the claim out for whoever is in no group.
    groups = [str(each)[:200] for each in said] if isinstance(said, list) else []
    folders.set_groups_of(user.id, groups)
    return _promoted(config, users, user, groups)


def _promoted(config: OidcConfig, users: UserRepository, user: User, groups: list[str]) -> User:
    """The user with the scopes that the group of administrators means, if there is one."""
    if not config.admin_group:
        return user
    is_admin = "admin" in user.scopes.split()
    if (config.admin_group in groups) == is_admin:
        return user
    scopes = "admin" if not is_admin else " ".join(sorted(USUAL_SCOPES))
    return users.change(user.id, {"scopes": scopes})


def _new_user(config: OidcConfig, users: UserRepository, claims: Mapping[str, Any]) -> User:
    """Somebody who comes for the first time: added beforehand by their address, or added now."""
    email = str(claims.get("email", ""))
    if not email or claims.get("email_verified") is not True:
        raise AccessDenied("the provider does not confirm your address")
    try:
        name = checked_name(email)
    except InvalidOption as error:
        raise AccessDenied("your address cannot be a name here") from error
    known = users.password(name)
    if known is not None and not known[1] and not users.has_identity(known[0].id):
        return known[0]
    domains = [each.strip().casefold() for each in config.domains.split(",") if each.strip()]
    if known is not None or name.rpartition("@")[2] not in domains:
        raise AccessDenied("you are not known here: ask an administrator to add you")
    user = User(
        id=secrets.token_hex(8),
        name=name,
        full_name=str(claims.get("name", ""))[:100],
        scopes=" ".join(sorted(USUAL_SCOPES)),
        created_at=datetime.now(UTC),
    )
    users.add(user, "")
    return user


def _read(url: str) -> dict[str, Any]:
    try:
        answer = httpx.get(url, timeout=_PATIENCE, follow_redirects=False)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise StoreUnavailable("the provider does not answer") from error
    return found
