"""What NVIDIA's driver says of GPUs: those that this process sees, as CUDA numbers them."""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

Value = TypeVar("Value")

_log = logging.getLogger("trax")


@dataclass(frozen=True, slots=True)
class GpuUsage:
    """How much is made of a GPU, by whomever.

    Attributes:
        busy: share of the time, 0 to 1, for which it worked lately.
        taken: share of its memory.
        own_bytes: of its memory that this process holds; 0 if unknown.
    """

    busy: float
    taken: float
    own_bytes: int


def gpu_usage() -> list[GpuUsage]:
    """How much is made of each NVIDIA GPU that this process sees; what the driver does not say is
    0. Never fails.
    """
    return [_usage(handle) for handle in _gpus()]


@lru_cache(maxsize=1)
def _gpus() -> tuple[Any, ...]:
    """NVML's handles; none where there is no driver."""
    try:
        import pynvml
    except ImportError:
        return ()
    try:
        pynvml.nvmlInit()
        return tuple(_visible(_in_order()))
    except (pynvml.NVMLError, OSError):
        return ()


# A forked process has to ask the driver anew.
os.register_at_fork(after_in_child=_gpus.cache_clear)


def _in_order() -> list[Any]:
    """All GPUs by where they are plugged in, as `nvidia-smi` numbers them."""
    import pynvml

    handles = map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
    return sorted(handles, key=lambda handle: _text(pynvml.nvmlDeviceGetPciInfo(handle).busId))


def _visible(handles: Sequence[Any]) -> Iterator[Any]:
    """Those that ``CUDA_VISIBLE_DEVICES`` leaves, up to the first that there is not, as CUDA reads
    it.
    """
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is None:
        yield from handles
        return
    for name in map(str.strip, given.split(",")):
        found = _named(name, handles)
        if found is None:
            return
        yield found


def _named(name: str, handles: Sequence[Any]) -> Any | None:
    """The GPU of a number or UUID, or of the beginning of one that only one has."""
    import pynvml

    if name.isdecimal():
        return handles[int(name)] if _is_numbered(handles) and int(name) < len(handles) else None
    if name.startswith("MIG-"):
        return pynvml.nvmlDeviceGetHandleByUUID(name)
    alike = [each for each in handles if _text(pynvml.nvmlDeviceGetUUID(each)).startswith(name)]
    return alike[0] if name.startswith("GPU-") and len(alike) == 1 else None


def _is_numbered(handles: Sequence[Any]) -> bool:
    """Whether CUDA numbers GPUs by where they are plugged in, too.

    Otherwise the fastest is its first, and which is which cannot be told unless all are alike:
    figures of another GPU would be worse than none.
    """
    import pynvml

    if os.environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID":
        return True
    if len({_text(pynvml.nvmlDeviceGetName(each)) for each in handles}) <= 1:
        return True
    _log.warning("GPUs differ, and CUDA numbers them by speed: set CUDA_DEVICE_ORDER=PCI_BUS_ID")
    return False


def _usage(handle: Any) -> GpuUsage:
    import pynvml

    memory = _asked(pynvml.nvmlDeviceGetMemoryInfo, handle)
    rates = _asked(pynvml.nvmlDeviceGetUtilizationRates, handle)
    processes = _asked(pynvml.nvmlDeviceGetComputeRunningProcesses, handle) or []
    own = [each.usedGpuMemory or 0 for each in processes if each.pid == os.getpid()]
    return GpuUsage(
        busy=rates.gpu / 100 if rates else 0.0,
        taken=memory.used / memory.total if memory and memory.total else 0.0,
        own_bytes=sum(own),
    )


def _asked(question: Callable[[Any], Value], handle: Any) -> Value | None:
    """The driver's answer; ``None`` from part of a GPU or a virtual one, which says less, from one
    that is lost, and from a driver that was replaced.
    """
    import pynvml

    with suppress(pynvml.NVMLError, OSError):
        return question(handle)
    return None


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
