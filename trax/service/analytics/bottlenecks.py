"""What bounds throughput, and what a change would bring."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from trax.service.analytics.load import Host, Load

LEAST = 20
"""Jobs before anything is said."""

BUSY = 0.5
"""Share of the time at work in which jobs must wait: otherwise nothing bounds throughput."""

_FULL = 0.85  # share of processors or of GPUs, from which on they are
_IDLE = 0.7  # share of processors, up to which more work would find some
_MEMORY = 0.9  # share of memory that may be taken
_SHARE = 0.2  # of the jobs' time, from which on a wait counts
_WORTH = 1.05

Kind = Literal["seats", "store", "jobs", "plan", "device"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bottleneck:
    """What bounds throughput.

    Attributes:
        kind: what a change would be of; ``None`` if figures name no change.
        bound: what bounds, such as ``processors, by recognise``.
        evidence: the figures that prove it.
        change: what to change; empty if figures name nothing.
        gain: by what throughput would be multiplied; ``None`` likewise.
        setting: the setting that would change, as it is.
        wanted: as it is to be; empty: any other.
    """

    kind: Kind | None
    bound: str
    evidence: str
    change: str = ""
    gain: float | None = None
    setting: str = ""
    wanted: str = ""


def bottlenecks(load: Load, host: Host, withdrawn: Collection[str] = ()) -> list[Bottleneck]:
    """What bounds throughput: the most certain alone; nothing where no jobs wait, or figures do
    not suffice.

    Args:
        withdrawn: kinds that were wrong on this machine.
    """
    if load.jobs < LEAST or load.waited < BUSY:
        return []
    for rule in _RULES:
        for found in rule(load, host):
            if found.kind not in withdrawn and (found.gain is None or found.gain >= _WORTH):
                return [found]
    return []


def setting_of(kind: str, load: Load, host: Host) -> str:
    """The setting that advice of a kind is about, as the figures show it."""
    return {
        "seats": str(load.stages_at_once),
        "store": host.store,
        "jobs": str(load.at_once),
        "plan": load.plan,
        "device": load.device,
    }[kind]


def _seats(load: Load, host: Host) -> Iterator[Bottleneck]:
    is_short = load.stages_at_once < load.at_once and load.seat_share >= _SHARE
    if not is_short or not _has_room(load, host):
        return
    more = load.stages_at_once + 1
    yield Bottleneck(
        kind="seats",
        bound="seats of the device",
        evidence=f"jobs spent {load.seat_share:.0%} of their time at work without a stage that "
        f"ran, with at most {load.stages_at_once} at once in {load.heaviest}; {_busy(load, host)}",
        change=f"{more} stages at once on the device",
        gain=min(more / load.stages_at_once, 1 / (1 - load.seat_share), _room(load, host)),
        setting=str(load.stages_at_once),
        wanted=str(more),
    )


def _store(load: Load, host: Host) -> Iterator[Bottleneck]:
    if load.store_share < _SHARE or not _is_idle(load, host):
        return
    yield Bottleneck(
        kind="store",
        bound="the store",
        evidence=f"stages spent {load.store_share:.0%} of the jobs' time on neither processor, "
        "GPU nor language model",
        change="a store twice as fast",
        gain=1 / (1 - load.store_share / 2),
        setting=host.store,
    )


def _jobs(load: Load, host: Host) -> Iterator[Bottleneck]:
    if not _has_room(load, host):
        return
    more = load.at_once + 1
    threads = max(host.processors // more, 1)
    fewer = f", with {threads} threads each" if host.threads * more > host.processors else ""
    yield Bottleneck(
        kind="jobs",
        bound=f"jobs at once: {load.at_once}",
        evidence=_busy(load, host),
        change=f"{more} jobs at once{fewer}",
        gain=min(more / load.at_once, _room(load, host)),
        setting=str(load.at_once),
        wanted=str(more),
    )


def _work(load: Load, host: Host) -> Iterator[Bottleneck]:
    on_gpu = _gpu_is_full(load, host)
    if not on_gpu and load.processors < _FULL * host.processors:
        return
    bound = f"{'the GPU' if on_gpu else 'processors'}, by {load.heaviest}"
    evidence = f"{load.heavy_share:.0%} of the work was {load.heaviest}'s; {_busy(load, host)}"
    now = load.paces.get((load.plan, load.device))
    for (plan, device), pace in sorted(load.paces.items(), key=lambda each: each[1]):
        if now is None or (plan != load.plan) == (device != load.device):
            continue
        is_plan = plan != load.plan
        told = f"plan {plan}" if is_plan else f"{load.heaviest} on the {device.upper()}"
        yield Bottleneck(
            kind="plan" if is_plan else "device",
            bound=bound,
            evidence=f"{evidence}; {pace:.3g} s a second of audio with {told}, {now:.3g} s now",
            change=told,
            gain=1 / (1 - load.heavy_share * (1 - pace / now)),
            setting=load.plan if is_plan else load.device,
            wanted=plan if is_plan else device,
        )
    yield Bottleneck(kind=None, bound=bound, evidence=evidence)


_Rule = Callable[[Load, Host], Iterator[Bottleneck]]
_RULES: tuple[_Rule, ...] = (_seats, _store, _jobs, _work)


def _room(load: Load, host: Host) -> float:
    """By what the work may grow until processors are full."""
    return _FULL * host.processors / load.processors


def _gpu_is_full(load: Load, host: Host) -> bool:
    return host.gpus > 0 and load.gpus >= _FULL * host.gpus


def _is_idle(load: Load, host: Host) -> bool:
    return load.processors <= _IDLE * host.processors and not _gpu_is_full(load, host)


def _has_room(load: Load, host: Host) -> bool:
    """Whether processors and memory have room for one more at once."""
    needed = load.peak_memory_bytes * (load.at_once + 1)
    return _is_idle(load, host) and needed <= _MEMORY * host.memory_bytes


def _busy(load: Load, host: Host) -> str:
    gpu = f", GPUs {load.gpus:.0%} of the time" if host.gpus else ""
    return (
        f"{load.processors:.1f} of {host.processors} processors were busy{gpu} in "
        f"{load.seconds / 3600:.1f} h at work, while jobs waited {load.waited:.0%} of the time"
    )
