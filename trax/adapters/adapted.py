"""Models with an adapter merged into them, made on first use and kept beside the base's files."""

import shutil
import uuid
from dataclasses import replace
from functools import partial
from pathlib import Path

from trax.adapters.card import AdapterCard
from trax.adapters.ct2_file import read_model_file, write_model_file
from trax.adapters.merging import in_int8, merged
from trax.adapters.shelf import AdapterShelf, from_safetensors
from trax.errors import ModelUnavailable, StoreUnavailable
from trax.models import Model

_MOST_KEPT = 8  # merged models on disk; the least recently used go first
_WEIGHTS = "model.bin"


def adapted_model(
    base: Model, card: AdapterCard, shelf: AdapterShelf, folder: Path, compute_type: str
) -> Model:
    """The model that *base* is with an adapter; its files are made when they are first asked for.

    Args:
        folder: holds merged models of all adapters.
        compute_type: CTranslate2's name for the arithmetic; for ``int8`` the files are in int8,
            which halves them, else they are as exact as the base's.

    Raises:
        ModelUnavailable: the adapter is for other weights than the base's.
    """
    if card.base_revision != base.revision:
        raise ModelUnavailable(
            f"{base.name} with {card.name}",
            f"the adapter is for {card.base}@{card.base_revision}, and here is {base.fingerprint}; "
            "train it again",
        )
    is_int8 = compute_type in ("int8", "int8_float32")
    place = folder / f"{base.name}-{base.revision}-{card.fingerprint}{'-int8' * is_int8}"
    return replace(
        base,
        name=f"{base.name}+{card.name}",
        revision=f"{base.revision}+{card.fingerprint}",
        folder=partial(_made, place, base, card, shelf, is_int8),
    )


def merged_files(
    base: Path, target: Path, matrices: bytes, scaling: float, *, is_int8: bool
) -> None:
    """Write into *target* the CTranslate2 model in *base* with an adapter merged into it.

    Raises:
        InvalidDocument: the adapter does not fit the model.
    """
    model = merged(read_model_file(base / _WEIGHTS), from_safetensors(matrices), scaling)
    target.mkdir(parents=True)
    for file in base.iterdir():
        if file.is_file() and file.name != _WEIGHTS:
            shutil.copyfile(file, target / file.name)
    write_model_file(target / _WEIGHTS, in_int8(model) if is_int8 else model)


def _made(place: Path, base: Model, card: AdapterCard, shelf: AdapterShelf, is_int8: bool) -> Path:
    """The folder with the merged model, made if it is missing."""
    if (place / _WEIGHTS).is_file():
        place.touch()
        return place
    part = place.with_name(f"partial-{uuid.uuid4().hex}")
    try:
        merged_files(base.folder(), part, shelf.matrices(card), card.scaling, is_int8=is_int8)
        if not (place / _WEIGHTS).is_file():
            part.rename(place)
    except OSError as error:
        if not (place / _WEIGHTS).is_file():
            raise StoreUnavailable(f"cannot merge adapter {card.name}: {error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    _make_room(place)
    return place


def _make_room(newest: Path) -> None:
    """Remove the merged models that were not used for the longest time."""
    kept = [each for each in newest.parent.iterdir() if not each.name.startswith("partial-")]
    by_use = sorted(kept, key=lambda each: each.stat().st_mtime, reverse=True)
    for old in by_use[_MOST_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
