"""Signing in and out, and who may."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from trax.service import sessions, users
from trax.service.attempts import Attempts
from trax.web.asking import Address, Administrator, Anyone, TheService
from trax.web.credentials import credential, give_cookie, take_cookie
from trax.web.problems import responses
from trax.web.views.access import CallerView
from trax.web.views.users import (
    NewPassword,
    NewUser,
    SignIn,
    SignInWays,
    UserChange,
    UserList,
    UserView,
)

router = APIRouter(prefix="/v1", tags=["users"])


def _attempts(request: Request) -> Attempts:
    found: Attempts = request.app.state.attempts
    return found


TheAttempts = Annotated[Attempts, Depends(_attempts)]


@router.get("/session", summary="Show how to sign in")
def ways(request: Request, service: TheService) -> SignInWays:
    """Anybody may ask this."""
    return SignInWays(
        needed=not service.access.is_open(),
        signed_in=request.state.caller is not None,
        password=service.workspace.users.exist(),
        organisation=request.app.state.oidc is not None,
    )


@router.post("/session", summary="Sign in", responses=responses(429))
def sign_in(
    body: SignIn,
    request: Request,
    response: Response,
    service: TheService,
    attempts: TheAttempts,
    address: Address,
) -> CallerView:
    """The answer sets a cookie that no script can read. Requests that change something are heeded
    with it only if they come from a page of this service.
    """
    opened = sessions.sign_in(
        service.workspace.users, attempts, body.name, body.password.get_secret_value(), address
    )
    give_cookie(response, opened, secure=request.url.scheme == "https")
    response.headers["Cache-Control"] = "no-store"
    return CallerView.of(users.caller_of(opened.session.user))


@router.delete("/session", status_code=204, summary="Sign out")
def sign_out(request: Request, response: Response, service: TheService, _caller: Anyone) -> None:
    """Streams that the session has opened end."""
    shown = credential(request.headers, request.url.path, secure=request.url.scheme == "https")
    if shown.is_cookie:
        sessions.sign_out(service.workspace.users, shown.secret)
        service.access.forget()
    take_cookie(response)


@router.post(
    "/me/password", status_code=204, summary="Change your password", responses=responses(429)
)
def password(
    body: NewPassword,
    service: TheService,
    caller: Anyone,
    attempts: TheAttempts,
    address: Address,
) -> None:
    """Wherever you are signed in, you no longer are."""
    old, new = body.old.get_secret_value(), body.new.get_secret_value()
    sessions.change_password(service.workspace.users, attempts, caller, old, new, address)
    service.access.forget()


@router.get("/users", summary="List users")
def index(service: TheService, _caller: Administrator) -> UserList:
    """By name, disabled ones, too."""
    return UserList(items=[UserView.model_validate(each) for each in service.workspace.users.all()])


@router.post("/users", status_code=201, summary="Add a user")
def post(body: NewUser, service: TheService, _caller: Administrator) -> UserView:
    """From then on one must sign in, or send a token, on this machine, too."""
    added = users.add(
        service.workspace.users,
        body.name,
        body.password.get_secret_value(),
        body.scopes,
        body.full_name,
    )
    service.access.forget()
    return UserView.model_validate(added)


@router.patch("/users/{user}", summary="Change a user", responses=responses(404))
def patch(user: str, body: UserChange, service: TheService, _caller: Administrator) -> UserView:
    """Known by id or name. Another password ends their sessions."""
    found = users.change(
        service.workspace.users,
        user,
        scopes=body.scopes,
        disabled=body.disabled,
        full_name=body.full_name,
    )
    if body.password is not None:
        users.set_password(service.workspace.users, user, body.password.get_secret_value())
    service.access.forget()
    return UserView.model_validate(found)


@router.delete("/users/{user}", status_code=204, summary="Remove a user", responses=responses(404))
def delete(user: str, service: TheService, _caller: Administrator) -> None:
    """What they own stays, for administrators."""
    service.workspace.users.remove(user)
    service.access.forget()
