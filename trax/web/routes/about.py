"""What the service can do: settings that are safe to show, plans, models."""

from fastapi import APIRouter

from trax import __version__
from trax.asr.plan import PLANS, Device
from trax.export import FORMATS
from trax.service.models import known_models
from trax.service.templates import template_names
from trax.transcript.languages import LANGUAGES
from trax.web.asking import Reader, TheService
from trax.web.views.about import CatalogueView, ModelView, PlanList, PlanView, SettingsView

router = APIRouter(prefix="/v1", tags=["about"])


@router.get("/settings", summary="Show settings")
def settings(service: TheService, _caller: Reader) -> SettingsView:
    """Those that are safe to show."""
    chosen = service.settings
    model = service.workspace.engines.language_model()
    return SettingsView(
        version=__version__,
        max_bytes=service.workspace.limits.size_bytes,
        max_duration=service.workspace.limits.duration,
        keep_audio_days=chosen.keep_audio_days,
        keep_checkpoint_days=chosen.keep_checkpoint_days,
        device=chosen.device,
        offline=chosen.offline,
        language_model=chosen.llm.model if model is not None else "",
        formats=list(FORMATS),
        templates=template_names(chosen.home),
        url_uploads=chosen.url_uploads,
        plans=list(PLANS),
        languages=sorted(LANGUAGES),
    )


@router.get("/plans", summary="List plans")
def plans(service: TheService, _caller: Reader) -> PlanList:
    """Which models read what, on the device of this service."""
    device: Device = "cuda" if service.workspace.device.startswith("cuda") else "cpu"
    views = [PlanView(name=name, passes=list(made(device))) for name, made in PLANS.items()]
    return PlanList(items=views)


@router.get("/catalogue", summary="List models")
def catalogue(service: TheService, _caller: Reader) -> CatalogueView:
    """Those that are known, and where each is found. `/v1/models` is what OpenAI's clients ask."""
    views = [
        ModelView(
            name=row["name"],
            purpose=row["for"],
            where=row["where"],
            automatic=bool(row["auto"]),
            languages=row["languages"],
            licence=row["licence"],
            summary=row["summary"],
        )
        for row in known_models(service.settings)
    ]
    return CatalogueView(items=views)
