"""Keeps models loaded within a memory budget; the least recently used is unloaded first."""

import logging
import sys
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

Loaded = TypeVar("Loaded")

_log = logging.getLogger("trax")


@dataclass(frozen=True, slots=True)
class Use:
    """One loaded model.

    Attributes:
        name: what people call it.
        size_bytes: memory it is estimated to take.
    """

    name: str
    size_bytes: int


class ModelManager:
    """Keeps models loaded between windows and jobs; thread-safe.

    A model in use stays valid after it is unloaded here: memory is freed with its last reference.

    Args:
        budget_bytes: memory that all loaded models may take together. A larger model is still
            loaded, alone.
    """

    def __init__(self, budget_bytes: int = sys.maxsize) -> None:
        self._budget_bytes = budget_bytes
        self._lock = threading.RLock()
        self._loaded: OrderedDict[Hashable, tuple[Use, Any]] = OrderedDict()
        self._used_at: dict[Hashable, float] = {}
        self._loads: Counter[str] = Counter()

    def get(self, key: Hashable, measure: Callable[[], Use], load: Callable[[], Loaded]) -> Loaded:
        """The model under *key*; if missing, *measure* it, make room and *load* it."""
        with self._lock:
            if key not in self._loaded:
                use = measure()
                self._make_room(use)
                self._loaded[key] = (use, load())
                self._loads[use.name] += 1
                _log.info("loaded %s; %s", use.name, self)
            self._loaded.move_to_end(key)
            self._used_at[key] = time.monotonic()
            return cast(Loaded, self._loaded[key][1])

    @property
    def loaded(self) -> tuple[Use, ...]:
        """The loaded models, the most recently used last."""
        with self._lock:
            return tuple(use for use, _model in self._loaded.values())

    @property
    def loads(self) -> dict[str, int]:
        """How often each model has been loaded."""
        with self._lock:
            return dict(self._loads)

    def unload_idle(self, seconds: float) -> list[str]:
        """Unload models not used in the last *seconds*, and return their names."""
        with self._lock:
            before = time.monotonic() - seconds
            idle = [key for key in self._loaded if self._used_at[key] <= before]
            return [self._unload(key).name for key in idle]

    def __str__(self) -> str:
        taken = self._taken_bytes
        names = ", ".join(use.name for use in self.loaded) or "nothing"
        return f"{taken / 1e9:.2f} of {self._budget_bytes / 1e9:.2f} GB for models taken by {names}"

    @property
    def _taken_bytes(self) -> int:
        return sum(use.size_bytes for use in self.loaded)

    def _make_room(self, use: Use) -> None:
        while self._loaded and self._taken_bytes + use.size_bytes > self._budget_bytes:
            gone = self._unload(next(iter(self._loaded)))
            _log.info("unloaded %s to make room for %s", gone.name, use.name)

    def _unload(self, key: Hashable) -> Use:
        del self._used_at[key]
        use, _model = self._loaded.pop(key)
        return use


def folder_size(folder: Path) -> int:
    """Bytes of all files below *folder*: about what its weights take in memory."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
