"""Models with an adapter merged into them, made on first use and kept beside the base's files."""

import os
import shutil
import time
import uuid
from collections.abc import Collection
from contextlib import suppress
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
_PARTIAL = "partial-"
_ABANDONED = 24 * 3600.0  # seconds after which nobody is still writing a model


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
    is_int8 = compute_type.startswith("int8")
    change = f"{card.fingerprint}x{card.scaling:g}"
    place = folder / card.name / f"{base.name}-{base.revision}-{change}{'-int8' * is_int8}"
    return replace(
        base,
        name=f"{base.name}+{card.name}",
        revision=f"{base.revision}+{change}",
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
        with suppress(FileNotFoundError):
            os.utime(place)
        return place
    part = place.with_name(f"{_PARTIAL}{uuid.uuid4().hex}")
    try:
        merged_files(base.folder(), part, shelf.matrices(card), card.scaling, is_int8=is_int8)
        if not (place / _WEIGHTS).is_file():
            part.rename(place)
    except OSError as error:
        if not (place / _WEIGHTS).is_file():
            raise StoreUnavailable(f"cannot merge adapter {card.name}: {error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    _make_room(place.parent.parent, {known.name for known in shelf.all()} | {card.name})
    return place


def forget_merged(folder: Path, card: AdapterCard) -> None:
    """Remove the models in *folder* that an adapter was merged into, in whatever version."""
    for place in folder.glob(f"{card.name}/{card.base}-*"):
        _remove(place)
    with suppress(OSError):  # there are some for another base
        (folder / card.name).rmdir()


def _make_room(folder: Path, names: Collection[str]) -> None:
    """Remove merged models of adapters that are gone, those that were not used for the longest
    time, and what processes left that were killed while they made one.

    Args:
        names: of all adapters that there are.
    """
    used = {each: _used_at(each) for each in folder.glob("*/*")}
    by_use = sorted(used, key=lambda each: used[each], reverse=True)
    kept = [each for each in by_use if not each.name.startswith(_PARTIAL)]
    for old in kept[_MOST_KEPT:]:
        _remove(old)
    left = set(by_use) - set(kept)
    left |= {each for each in kept if each.parent.name not in names}
    for each in left:
        if used[each] < time.time() - _ABANDONED:
            shutil.rmtree(each, ignore_errors=True)


def _remove(model: Path) -> None:
    """Remove a merged model; nobody finds one that is half removed."""
    gone = model.with_name(f"{_PARTIAL}{uuid.uuid4().hex}")
    with suppress(OSError):
        model.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def _used_at(folder: Path) -> float:
    """When it was used last; the beginning of time if somebody has removed it."""
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0
