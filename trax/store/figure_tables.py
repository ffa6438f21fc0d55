"""The tables of what was added up, day by day (UTC)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from trax.store.tables import Base


class StageDayRow(Base):
    """How runs of one stage went on one day.

    ``took`` and ``paces`` are histograms: of seconds, and of seconds a second of audio, of runs
    that had work to do. ``device`` is ``cpu`` or ``gpu``; ``model`` has names by commas.
    """

    __tablename__ = "stage_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    plan: Mapped[str] = mapped_column(primary_key=True)
    machine: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    runs: Mapped[int]
    cached: Mapped[int]
    skipped: Mapped[int]
    retries: Mapped[int]
    seconds: Mapped[float]
    audio_seconds: Mapped[float]
    peak_memory_bytes: Mapped[int] = mapped_column(BigInteger)
    peak_device_memory_bytes: Mapped[int] = mapped_column(BigInteger)
    processor_seconds: Mapped[float]
    gpu_busy_seconds: Mapped[float]
    written_bytes: Mapped[int] = mapped_column(BigInteger)
    took: Mapped[dict[str, Any]]
    paces: Mapped[dict[str, Any]]


class JobDayRow(Base):
    """How jobs ended on one day.

    ``waited`` and ``took`` are histograms of seconds: until work began, and from then on; ``paces``
    of seconds from then on a second of audio.
    """

    __tablename__ = "job_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    pipeline: Mapped[str] = mapped_column(primary_key=True)
    plan: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(primary_key=True)
    jobs: Mapped[int]
    attempts: Mapped[int]
    audio_seconds: Mapped[float]
    waited: Mapped[dict[str, Any]]
    took: Mapped[dict[str, Any]]
    paces: Mapped[dict[str, Any]]


class StorageDayRow(Base):
    """What was stored of one kind, as it was counted on one day.

    ``machine`` is empty for what all machines share.
    """

    __tablename__ = "storage_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    machine: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    objects: Mapped[int] = mapped_column(BigInteger)
    size_bytes: Mapped[int] = mapped_column(BigInteger)


class AdviceRow(Base):
    """Advice given once for a machine and a setting.

    ``wanted`` is the setting it asks for, empty if any other will do. ``rate`` is seconds of audio
    a second when it was given; ``gain`` and ``brought`` multiply it.
    """

    __tablename__ = "advice"

    machine: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    setting: Mapped[str] = mapped_column(primary_key=True)
    wanted: Mapped[str]
    change: Mapped[str]
    evidence: Mapped[str]
    rate: Mapped[float]
    gain: Mapped[float]
    version: Mapped[str]
    given_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    brought: Mapped[float | None]
