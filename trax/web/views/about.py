"""What a service can do, as JSON."""

from pydantic import Field

from trax.asr.plan import Pass
from trax.web.views.base import View


class SettingsView(View):
    """Settings that anybody may see who may read: no secret, no address, no path."""

    version: str = Field(description="Of Trax.")
    max_bytes: int = Field(description="Largest recording accepted.")
    max_duration: float = Field(description="Longest recording accepted, in seconds.")
    keep_audio_days: int | None = Field(description="Null keeps recordings for ever.")
    keep_checkpoint_days: int | None = Field(description="The same for results of stages.")
    device: str = Field(description="Where models run.")
    offline: bool = Field(description="Whether models are never fetched.")
    language_model: str = Field(description="What enhances transcripts; empty if nothing does.")
    formats: list[str] = Field(description="Of exports.")
    templates: list[str] = Field(description="Of notes, for exports in Markdown.")
    url_uploads: bool = Field(description="Whether recordings are fetched from URLs.")
    plans: list[str] = Field(description="Ways to recognise, from the fastest.")
    languages: list[str] = Field(description="Codes that may be named.")


class PlanView(View):
    """A way to recognise."""

    name: str
    passes: list[Pass] = Field(description="Decodings, in order.")


class PlanList(View):
    """Ready-made plans, from the fastest."""

    items: list[PlanView]


class ModelView(View):
    """A model that this service knows."""

    name: str
    purpose: str = Field(description="`recognition`, `diarization` and the like.")
    where: str = Field(description="Where it is found, or what brings it here.")
    automatic: bool = Field(description="Whether it is taken if none is named.")
    languages: str
    licence: str
    summary: str


class CatalogueView(View):
    """Every model that this service knows."""

    items: list[ModelView]
