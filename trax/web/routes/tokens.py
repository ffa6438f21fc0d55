"""Tokens: who may use the service."""

from fastapi import APIRouter

from trax.service import tokens
from trax.web.asking import Administrator, Anyone, TheService
from trax.web.problems import responses
from trax.web.views.access import CallerView, NewTokenView, TokenList, TokenRequest, TokenView

router = APIRouter(prefix="/v1", tags=["tokens"])


@router.get("/me", summary="Show who asks")
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
    made = tokens.create(service.workspace.tokens, body.name, body.scopes, body.days)
    return NewTokenView(**dict(TokenView.model_validate(made.token)), secret=made.secret)


@router.delete(
    "/tokens/{token_id}", status_code=204, summary="Revoke a token", responses=responses(404)
)
def delete(token_id: str, service: TheService, _caller: Administrator) -> None:
    """It is refused within a second, and streams that it has opened end."""
    service.workspace.tokens.revoke(token_id)
    service.access.forget()
