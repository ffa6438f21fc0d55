"""Domain adapters that jobs can be read with."""

from fastapi import APIRouter, Response

from trax.adapters.seeing import seen_cards
from trax.service import adapters, teaching
from trax.web.asking import Reader, Submitter, TheService
from trax.web.problems import responses
from trax.web.routes.jobs import queued_view
from trax.web.views.adapters import AdapterList, AdapterView, CorrectionsView, NewAdapter
from trax.web.views.jobs import JobView

router = APIRouter(prefix="/v1/adapters", tags=["adapters"])


@router.get("", summary="List adapters")
def index(service: TheService, caller: Reader) -> AdapterList:
    """By name and model: what each is worth. Everybody's, one's own, and those that others share in
    a folder.
    """
    workspace = service.workspace
    cards = seen_cards(workspace.database, caller.sight, workspace.shelf.all())
    return AdapterList(items=[AdapterView.of(card) for card in cards])


@router.post(
    "",
    status_code=202,
    summary="Have an adapter made of corrections",
    responses={
        200: {"model": JobView, "description": "The job is under way already."},
        **responses(404, 422),
    },
)
def teach(body: NewAdapter, service: TheService, caller: Submitter, response: Response) -> JobView:
    """From transcripts of one's own in which words were corrected or confirmed. To name them is to
    consent to it; nothing leaves the service. It is installed if it is worth it, which the job's
    last stage tells.
    """
    made = teaching.teach(
        service, caller, body.name, body.transcripts, body.description, body.folder
    )
    return queued_view(response, made)


@router.get("/corrections", summary="Show what was corrected")
def corrections(service: TheService, caller: Reader) -> CorrectionsView:
    """In transcripts of one's own: how much there is to learn from, and terms for a vocabulary."""
    found = teaching.corrections_of(service.workspace, caller.sight)
    return CorrectionsView.model_validate(found)


@router.delete("/{name}", status_code=204, summary="Remove an adapter", responses=responses(404))
def remove(name: str, service: TheService, caller: Submitter) -> None:
    """One's own, for every model. Transcripts that were read with it stay."""
    adapters.remove(service.workspace, name, sight=caller.sight)
