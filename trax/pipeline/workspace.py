"""Everything a job needs, put together once at the edge."""

from dataclasses import dataclass, field
from typing import Protocol

from trax.asr import Recogniser, RecognitionOptions
from trax.audio import Limits
from trax.diarization import DiarizationOptions, Diarizer
from trax.store import Checkpoints, Database, JobRepository, ObjectStore, ProfileRepository, TranscriptRepository


class Engines(Protocol):
    """Gives engines for options, the same one for the same options, so that models stay loaded."""

    def recogniser(self, options: RecognitionOptions) -> Recogniser:
        """The engine that *options* name; its model is loaded on first use.

        Raises:
            ModelUnavailable: the model is nowhere to be had.
        """

    def diarizer(self, options: DiarizationOptions) -> Diarizer:
        """The engine that *options* name; its models are loaded on first use.

        Raises:
            ModelUnavailable: the models are nowhere to be had.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Where a job reads, computes and keeps.

    Attributes:
        limits: of what is accepted.
        stage_timeout: seconds a stage may take for each hour of audio, and at least.
    """

    objects: ObjectStore
    database: Database
    engines: Engines
    limits: Limits = field(default_factory=Limits)
    stage_timeout: float = 4 * 3600.0

    @property
    def checkpoints(self) -> Checkpoints:
        """Stage results over the object store."""
        return Checkpoints(self.objects)

    @property
    def repository(self) -> TranscriptRepository:
        """Transcripts in the database."""
        return TranscriptRepository(self.database)

    @property
    def profiles(self) -> ProfileRepository:
        """Known voices in the database."""
        return ProfileRepository(self.database)

    @property
    def jobs(self) -> JobRepository:
        """Jobs in the database."""
        return JobRepository(self.database)
