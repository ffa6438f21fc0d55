"""Domain adapters that jobs can be read with."""

from fastapi import APIRouter

from trax.web.asking import Reader, TheService
from trax.web.views.adapters import AdapterList, AdapterView

router = APIRouter(prefix="/v1/adapters", tags=["adapters"])


@router.get("", summary="List adapters")
def index(service: TheService, _caller: Reader) -> AdapterList:
    """By name and model: what each is worth. They are made where the service runs."""
    cards = service.workspace.shelf.all()
    return AdapterList(items=[AdapterView.of(card) for card in cards])
