"""Whether the service lives, and whether it can work."""

from fastapi import APIRouter, Response

from trax import __version__
from trax.errors import StoreUnavailable
from trax.service.upkeep import database_state
from trax.web.asking import TheBells, TheService
from trax.web.problems import responses
from trax.web.views.base import Health

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Whether the service lives")
async def healthz() -> Health:
    """Answers as long as the process does."""
    return Health(status="ok", version=__version__)


@router.get("/readyz", summary="Whether the service can work", responses=responses(503))
def readyz(service: TheService, bells: TheBells, response: Response) -> Health:
    """Answers 503 while the database is away, models cannot be used, or the service is ending."""
    state = database_state(service.workspace.database)
    if state.problem:
        raise StoreUnavailable(state.problem)
    status = "ok"
    if bells.closed:
        status = "ending"
    elif not service.is_ready():
        status = "starting"
    response.status_code = 200 if status == "ok" else 503
    return Health(status=status, version=__version__)
