"""Users and sessions as JSON."""

from datetime import datetime

from pydantic import ConfigDict, Field, SecretStr

from trax.service.access import Scope
from trax.service.users import USUAL_SCOPES
from trax.web.views.base import Given, View, Words


class SignIn(Given):
    """What somebody signs in with."""

    name: str = Field(max_length=200, examples=["anna"])
    password: SecretStr = Field(max_length=1000)


class SignInWays(View):
    """How one can sign in."""

    needed: bool = Field(description="False while this service is open to whoever reaches it.")
    signed_in: bool
    password: bool = Field(description="By name and password.")
    organisation: bool = Field(
        False, description="At the organisation's provider: `/v1/session/oidc`."
    )


class NewPassword(Given):
    """Another password for whoever asks."""

    old: SecretStr = Field(max_length=1000)
    new: SecretStr = Field(max_length=1000)


class NewUser(Given):
    """A user to add."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "anna", "password": "correct horse battery"}]}
    )

    name: str = Field(description="To sign in with.")
    password: SecretStr = Field(
        SecretStr(""), max_length=1000, description="Empty: they cannot sign in with one."
    )
    full_name: str = ""
    scopes: list[Scope] = Field(
        list(USUAL_SCOPES), description="What they may do; `admin`: everything."
    )


class UserChange(Given):
    """What is to change of a user; what is left out stays."""

    full_name: str | None = None
    scopes: list[Scope] | None = None
    disabled: bool | None = Field(None, description="True: they are refused, and signed out.")
    password: SecretStr | None = Field(None, max_length=1000)


class UserView(View):
    """Somebody who signs in."""

    id: str
    name: str
    full_name: str
    scopes: Words
    created_at: datetime
    disabled_at: datetime | None
    signed_in_at: datetime | None


class UserList(View):
    """Every user, by name."""

    items: list[UserView]
