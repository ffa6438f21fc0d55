"""Advice: given, checked when enough jobs ran after a change, and withdrawn if it was wrong."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from trax import __version__
from trax.service.analytics.bottlenecks import (
    BUSY,
    LEAST,
    Bottleneck,
    bottlenecks,
    setting_of,
)
from trax.service.analytics.load import Host, Load, load
from trax.store import Database
from trax.store.advice import Advice, AdviceRepository

_NEWEST = 500  # jobs that are looked at
_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What bounds throughput, and what came of the advice that was given."""

    bottlenecks: tuple[Bottleneck, ...]
    advice: tuple[Advice, ...]


class Adviser:
    """Gives advice about a machine, and checks it.

    Args:
        host: the machine, whose figures alone are looked at.
    """

    def __init__(self, database: Database, host: Host) -> None:
        self._repository = AdviceRepository(database)
        self._host = host

    def bounds(self, since: datetime, until: datetime) -> Bounds:
        """What bounded throughput from *since*, or the last change that was advised, to *until*;
        keeps nothing.
        """
        given = self._repository.given(self._host.name)
        found = self._load(_after_changes(given, since), until)
        bounding = bottlenecks(found, self._host, _withdrawn(given)) if found else []
        return Bounds(bottlenecks=tuple(bounding), advice=tuple(given))

    def keep(self, now: datetime) -> None:
        """Check advice that was given, and keep what is given now."""
        for advice in self._repository.given(self._host.name):
            if advice.brought is None:
                self._check(advice, now)
        given = self._repository.given(self._host.name)
        found = self._load(_after_changes(given, now - _BACK), now)
        if found is None:
            return
        for each in bottlenecks(found, self._host, _withdrawn(given)):
            if each.kind is not None and each.gain is not None:
                self._repository.keep(_advice(each, self._host.name, found.rate, each.gain, now))

    def _check(self, advice: Advice, now: datetime) -> None:
        since = advice.changed_at or advice.given_at
        found = self._load(since, now)
        if found is None:
            return
        if advice.changed_at is None:
            if self._is_changed(advice, found):
                self._repository.note(replace(advice, changed_at=now))
        elif found.jobs >= LEAST and found.waited >= BUSY:
            brought = found.rate / advice.rate
            self._repository.note(replace(advice, checked_at=now, brought=brought))

    def _is_changed(self, advice: Advice, found: Load) -> bool:
        setting = setting_of(advice.kind, found, self._host)
        if not advice.wanted:
            return setting != advice.setting
        if advice.wanted.isdigit():
            return int(setting) >= int(advice.wanted)
        return setting == advice.wanted

    def _load(self, since: datetime, until: datetime) -> Load | None:
        return load(self._repository.done(self._host.name, since, until, _NEWEST))


def _withdrawn(given: Iterable[Advice]) -> set[str]:
    return {each.kind for each in given if each.state == "withdrawn"}


def _after_changes(given: Iterable[Advice], since: datetime) -> datetime:
    return max([since, *(each.changed_at for each in given if each.changed_at)])


def _advice(each: Bottleneck, machine: str, rate: float, gain: float, now: datetime) -> Advice:
    return Advice(
        machine=machine,
        kind=str(each.kind),
        setting=each.setting,
        wanted=each.wanted,
        change=each.change,
        evidence=each.evidence,
        rate=rate,
        gain=gain,
        version=__version__,
        given_at=now,
    )
