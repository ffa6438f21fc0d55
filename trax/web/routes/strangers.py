"""Unknown voices, to be named."""

from fastapi import APIRouter

from trax.service.strangers import strangers
from trax.web.asking import TheService
from trax.web.routes.voices import Keeper
from trax.web.views.voices import StrangerList, StrangerView

router = APIRouter(prefix="/v1/unknown-voices", tags=["voices"])


@router.get("", summary="List unknown voices")
def index(service: TheService, caller: Keeper) -> StrangerList:
    """Of those of the newest 300 transcripts that you may change: speakers who sound alike are one.
    Learn a voice from each of them under the same name, and all of them have it.
    """
    found = strangers(service.workspace, caller.sight)
    return StrangerList(items=[StrangerView.model_validate(each) for each in found])
