"""Where adapters are kept: in the object store, so that every worker finds them."""

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from trax.adapters.card import AdapterCard
from trax.errors import DamagedObject, InvalidOption, NotFound
from trax.store import ObjectStore

PREFIX = "adapters/"
"""Where their keys begin."""

_CARD = "card.json"
_MATRICES = ".safetensors"
_DIGITS = 12

_log = logging.getLogger("trax")

Tensors = Mapping[str, NDArray[np.float32]]


class AdapterShelf:
    """Adapters over an object store: for each name and base model a card and matrices.

    The card is written last and names its matrices by digest, and those before it stay until the
    next: whoever reads one while another is installed gets the one or the other, whole.
    """

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def all(self) -> list[AdapterCard]:
        """Every adapter, by name and base."""
        keys = [found.key for found in self._objects.list(PREFIX)]
        cards = [self._card(key) for key in keys if key.endswith(f"/{_CARD}")]
        return [card for card in cards if card is not None]

    def named(self, name: str) -> list[AdapterCard]:
        """The adapters of that name, one for each base.

        Raises:
            NotFound: there is none.
        """
        found = [card for card in self.all() if card.name == name]
        if not found:
            raise NotFound("adapter", name)
        return found

    def put(self, card: AdapterCard, matrices: bytes) -> AdapterCard:
        """Install an adapter in place of an earlier one of its name for its base.

        It is another version only if it reads otherwise.

        Raises:
            InvalidOption: somebody else's adapter is called so.
        """
        self.check_free(card.name, card.account)
        before = self._card(f"{_folder(card)}{_CARD}")
        version = _next_version(before, card)
        installed = card.model_copy(update={"version": version, "size_bytes": len(matrices)})
        self._objects.put_bytes(_matrices_key(installed), matrices)
        text = installed.model_dump_json(indent=1)
        self._objects.put_bytes(f"{_folder(installed)}{_CARD}", text.encode())
        self._remove_matrices(installed, spared=(installed, before or installed))
        return installed

    def check_free(self, name: str, account: str) -> None:
        """Refuse a name that an adapter of another account has.

        Raises:
            InvalidOption: there is one.
        """
        if any(card.name == name and card.account != account for card in self.all()):
            raise InvalidOption(f"another person's adapter is called {name}: choose another name")

    def forget_former(self, card: AdapterCard) -> None:
        """Remove the matrices of all versions but the one that *card* is of."""
        self._remove_matrices(card, spared=(card,))

    def remove(self, card: AdapterCard) -> None:
        """Remove an adapter; jobs that have loaded it go on."""
        self._objects.delete(f"{_folder(card)}{_CARD}")
        self._remove_matrices(card, spared=())

    def matrices(self, card: AdapterCard) -> bytes:
        """An adapter's matrices, as safetensors.

        Raises:
            DamagedObject: they are missing or damaged.
        """
        key = _matrices_key(card)
        data = self._objects.read(key)
        if data is None or fingerprint_of(data) != card.fingerprint:
            raise DamagedObject(key, "these are not the adapter's matrices")
        return data

    def _remove_matrices(self, card: AdapterCard, spared: Sequence[AdapterCard]) -> None:
        """Remove the matrices of all versions of an adapter but those that are *spared*."""
        kept = {_matrices_key(each) for each in spared}
        for found in list(self._objects.list(_folder(card))):
            if found.key.endswith(_MATRICES) and found.key not in kept:
                self._objects.delete(found.key)

    def _card(self, key: str) -> AdapterCard | None:
        """The card under *key*; ``None`` if there is none, or no longer, or it is damaged: other
        adapters are read with all the same, and it can be replaced.
        """
        text = self._objects.read(key)
        if text is None:
            return None
        try:
            return AdapterCard.model_validate_json(text)
        except ValidationError:
            _log.warning("%s is no adapter's card; it is left out", key)
            return None


def fingerprint_of(matrices: bytes) -> str:
    """The first digits of their SHA-256."""
    return hashlib.sha256(matrices).hexdigest()[:_DIGITS]


def to_safetensors(tensors: Tensors) -> bytes:
    """Matrices in the form that peft reads; the same matrices give the same bytes."""
    header: dict[str, object] = {}
    parts = []
    offset = 0
    for name, values in sorted(tensors.items()):
        data = np.ascontiguousarray(values, dtype=np.float32).tobytes()
        end = offset + len(data)
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [offset, end]}
        parts.append(data)
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(parts)


def from_safetensors(data: bytes) -> dict[str, NDArray[np.float32]]:
    """The matrices in what `to_safetensors` wrote.

    Raises:
        DamagedObject: it is something else.
    """
    try:
        size = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + size])
        header.pop("__metadata__", None)
        found = {}
        for name, each in header.items():
            start, end = each["data_offsets"]
            values = np.frombuffer(data[8 + size + start : 8 + size + end], _TYPES[each["dtype"]])
            found[name] = values.reshape(each["shape"]).astype(np.float32)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedObject("adapter", f"it holds no matrices ({error})") from error
    return found


_TYPES = {"F32": np.float32, "F16": np.float16}


def _next_version(before: AdapterCard | None, card: AdapterCard) -> int:
    if before is None:
        return 1
    is_same = (before.fingerprint, before.scaling) == (card.fingerprint, card.scaling)
    return before.version if is_same else before.version + 1


def _folder(card: AdapterCard) -> str:
    return f"{PREFIX}{card.name}/{card.base}/"


def _matrices_key(card: AdapterCard) -> str:
    return f"{_folder(card)}{card.fingerprint}{_MATRICES}"
