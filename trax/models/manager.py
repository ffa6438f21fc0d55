"""Loaded models within a budget of memory: the one that was not used for longest goes first."""

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
        size_bytes: what it was said to take.
    """

    name: str
    size_bytes: int


class ModelManager:
    """Keeps models loaded between windows and jobs; safe to use from several threads.

    Whoever got a model may work with it to the end: it leaves memory when nobody holds it any more.

    Args:
        budget_bytes: the most that all loaded models may take. One that is larger alone is loaded
            all the same, by itself.
    """

    def __init__(self, budget_bytes: int = sys.maxsize) -> None:
        self._budget_bytes = budget_bytes
        self._lock = threading.RLock()
        self._loaded: OrderedDict[Hashable, tuple[Use, Any]] = OrderedDict()
        self._used_at: dict[Hashable, float] = {}
        self._loads: Counter[str] = Counter()

    def get(self, key: Hashable, measure: Callable[[], Use], load: Callable[[], Loaded]) -> Loaded:
        """The model under *key*; where it is not there, *measure* says its size, others make room,
        *load* loads it.
        """
        with self._lock:
            if key not in self._loaded:
                use = measure()
                self._make_room(use)
                self._loaded[key] = (use, load())
                self._loads[use.name] += 1
                _log.info("%s is loaded; %s", use.name, self)
            self._loaded.move_to_end(key)
            self._used_at[key] = time.monotonic()
            return cast(Loaded, self._loaded[key][1])

    @property
    def loaded(self) -> tuple[Use, ...]:
        """What is loaded, the one used last at the end."""
        with self._lock:
            return tuple(use for use, _model in self._loaded.values())

    @property
    def loads(self) -> dict[str, int]:
        """How often each model was loaded so far."""
        with self._lock:
            return dict(self._loads)

    def unload_idle(self, seconds: float) -> list[str]:
        """Let go of models that nobody asked for in the last *seconds*, and give their names."""
        with self._lock:
            before = time.monotonic() - seconds
            idle = [key for key in self._loaded if self._used_at[key] <= before]
            return [self._unload(key).name for key in idle]

    def __str__(self) -> str:
        taken = sum(use.size_bytes for use in self.loaded)
        names = ", ".join(use.name for use in self.loaded) or "nothing"
        return f"{taken / 1e9:.2f} of {self._budget_bytes / 1e9:.2f} GB for models taken by {names}"

    def _make_room(self, use: Use) -> None:
        while (
            self._loaded
            and sum(each.size_bytes for each in self.loaded) + use.size_bytes > self._budget_bytes
        ):
            gone = self._unload(next(iter(self._loaded)))
            _log.info("%s is unloaded to make room for %s", gone.name, use.name)

    def _unload(self, key: Hashable) -> Use:
        del self._used_at[key]
        use, _model = self._loaded.pop(key)
        return use


def folder_size(folder: Path) -> int:
    """Bytes of all files below *folder*: about what its weights take in memory."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
