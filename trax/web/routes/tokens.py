"""Tokens: who may use the service."""

from fastapi import APIRouter

from trax.errors import AccessDenied
from trax.service import tokens
from trax.service.tokens import NewToken
from trax.web.asking import Administrator, Anyone, TheService
from trax.web.problems import responses
from trax.web.things import for_visitors
from trax.web.views.access import CallerView, NewTokenView, TokenList, TokenRequest, TokenView

router = APIRouter(prefix="/v1", tags=["tokens"])


@router.get("/me", summary="Show who asks")
@for_visitors
def me(caller: Anyone) -> CallerView:
    """Who has signed in or whose the token is, and what they may do."""
    return CallerView.of(caller)


@router.get("/tokens", summary="List tokens")
def index(service: TheService, _caller: Administrator) -> TokenList:
    """The newest first, revoked and expired ones, too. The tokens themselves are not known."""
    return TokenList(
        items=[TokenView.model_validate(each) for each in service.workspace.tokens.all()]
    )


@router.post("/tokens", status_code=201, summary="Make a token")
def post(body: TokenRequest, service: TheService, _caller: Administrator) -> NewTokenView:
    """The answer is the only place that ever shows the token."""
    account = service.workspace.users.get(body.user).id if body.user else ""
    kept = service.workspace.tokens
    return _shown(tokens.create(kept, body.name, body.scopes, body.days, account))


@router.get("/me/tokens", summary="List your tokens")
def mine(service: TheService, caller: Anyone) -> TokenList:
    """Those that act for you."""
    found = tokens.own(service.workspace.tokens, caller)
    return TokenList(items=[TokenView.model_validate(each) for each in found])


@router.post("/me/tokens", status_code=201, summary="Make a token that acts for you")
def make_mine(body: TokenRequest, service: TheService, caller: Anyone) -> NewTokenView:
    """It allows nothing that you may not do yourself. The answer is the only place that ever shows
    it.
    """
    if body.user not in (None, caller.name):
        raise AccessDenied("only who has signed in makes tokens, and for themselves")
    kept = service.workspace.tokens
    return _shown(tokens.create_own(kept, caller, body.name, body.scopes, body.days))


@router.delete(
    "/me/tokens/{token_id}",
    status_code=204,
    summary="Revoke a token of yours",
    responses=responses(404),
)
def delete_mine(token_id: str, service: TheService, caller: Anyone) -> None:
    """It is refused within a second, and streams that it has opened end."""
    tokens.revoke_own(service.workspace.tokens, caller, token_id)
    service.access.forget()


@router.delete(
    "/tokens/{token_id}", status_code=204, summary="Revoke a token", responses=responses(404)
)
def delete(token_id: str, service: TheService, _caller: Administrator) -> None:
    """It is refused within a second, and streams that it has opened end."""
    service.workspace.tokens.revoke(token_id)
    service.access.forget()


def _shown(made: NewToken) -> NewTokenView:
    return NewTokenView(**dict(TokenView.model_validate(made.token)), secret=made.secret)
