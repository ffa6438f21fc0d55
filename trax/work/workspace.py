"""Everything a job needs, put together once at the edge."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from trax.adapters.card import AdapterCard
from trax.adapters.learner import Learner
from trax.adapters.seeing import Sees, everybody
from trax.adapters.shelf import AdapterShelf
from trax.asr import Decoder, Recogniser, RecognitionOptions
from trax.asr.typed import Aligner
from trax.audio import Limits
from trax.diarization import DiarizationOptions, Diarizer
from trax.enhance import Embedder, LanguageModel
from trax.enhance.spending import Budget
from trax.models import ModelManager
from trax.store import (
    AcceptedRepository,
    AnswerRepository,
    CarryRepository,
    Checkpoints,
    ConflictRepository,
    Database,
    EventRepository,
    FigureRepository,
    FolderRepository,
    JobQueue,
    JobRepository,
    LinkRepository,
    ObjectStore,
    ProfileRepository,
    RecordingRepository,
    RevisionRepository,
    SpendingRepository,
    TagRepository,
    TokenRepository,
    TranscriptRepository,
    UploadRepository,
    UserRepository,
    WatchedRepository,
)
from trax.voice import VoiceEngines
from trax.work.values import Job, Results, StageResult

Store = TypeVar("Store")

Slot = Callable[[str], AbstractContextManager[None]]
"""Holds a place on the device of that name while entered; waits for one before."""


class StageHost(Protocol):
    """Processes that keep models loaded and run the stages that need them."""

    def run(self, stage: str, job: Job[Any], inputs: Results, slot: Slot) -> StageResult | None:
        """Run a stage of the job's pipeline; ``None`` if no such process is available.

        Args:
            inputs: the results that the stage reads, by role.

        Raises:
            TraxError: what the stage raised there, or the process ended twice under it.
        """


class Engines(Protocol):
    """Gives engines for options, the same one for the same options, so that models stay loaded."""

    @property
    def manager(self) -> ModelManager:
        """Keeps their models loaded."""

    def recogniser(self, options: RecognitionOptions, sees: Sees = everybody) -> Recogniser:
        """The engine that *options* name; its model is loaded on first use.

        Args:
            sees: tells which adapters may be read with.

        Raises:
            ModelUnavailable: the model is nowhere to be had.
        """

    def forget_adapter(self, card: AdapterCard) -> None:
        """Remove what was made of an adapter on this machine."""

    def aligner(self, language: str) -> Aligner:
        """Finds where known text in *language* is said.

        Raises:
            ModelUnavailable: no model for it is at hand.
        """

    def decoders(self, names: Sequence[str], language: str) -> list[Decoder]:
        """Those of the models called *names* that are available and read *language*, in order.

        Raises:
            ModelUnavailable: there is none.
        """

    def diarizer(self, options: DiarizationOptions) -> Diarizer:
        """The engine that *options* name; its models are loaded on first use.

        Raises:
            ModelUnavailable: the models are nowhere to be had.
        """

    def learner(self, name: str) -> Learner:
        """The recognition model called *name*, which may be taught.

        Raises:
            ModelUnavailable: it is nowhere to be had.
        """

    def language_model(self) -> LanguageModel | None:
        """The language model that is configured; ``None`` where none is."""

    def embedder(self) -> Embedder | None:
        """The text embedding model that is at hand; ``None`` where none is."""

    @property
    def voices(self) -> VoiceEngines:
        """The engines that replace voices."""


class Handing(Protocol):
    """Hands a store out to whoever uses it: as it is, or one that behaves in another way."""

    def __call__(self, store: Store, /) -> Store:
        """A store like *store*."""


def as_it_is(store: Store, /) -> Store:
    """The store itself: whoever calls it learns of every error."""
    return store


def unlimited(_device: str) -> AbstractContextManager[None]:
    """A slot for everybody."""
    return nullcontext()


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Where a job reads, computes and keeps.

    Attributes:
        limits: of what is accepted.
        stage_timeout: seconds a stage may take for each hour of audio, and at least.
        budget: what language models may cost.
        spacy_model: that finds names when personal data is hidden; empty for patterns alone.
        device: runs stages that need models in a process where these stay loaded; ``None`` runs
            them here.
        here: the device that models of this process use.
        slot: holds a place on a device while a stage uses it.
        handed: how repositories over the database are handed out.
    """

    objects: ObjectStore
    database: Database
    engines: Engines
    limits: Limits = field(default_factory=Limits)
    stage_timeout: float = 4 * 3600.0
    budget: Budget = field(default_factory=Budget)
    spacy_model: str = ""
    host: StageHost | None = None
    device: str = "cpu"
    slot: Slot = unlimited
    handed: Handing = as_it_is

    @property
    def checkpoints(self) -> Checkpoints:
        """Stage results over the object store."""
        return Checkpoints(self.objects)

    @property
    def shelf(self) -> AdapterShelf:
        """Adapters over the object store."""
        return AdapterShelf(self.objects)

    @property
    def repository(self) -> TranscriptRepository:
        """Transcripts in the database."""
        return self.handed(TranscriptRepository(self.database))

    @property
    def recordings(self) -> RecordingRepository:
        """Recordings in the database."""
        return self.handed(RecordingRepository(self.database))

    @property
    def revisions(self) -> RevisionRepository:
        """What people changed in transcripts."""
        return self.handed(RevisionRepository(self.database))

    @property
    def profiles(self) -> ProfileRepository:
        """Known voices in the database."""
        return self.handed(ProfileRepository(self.database))

    @property
    def answers(self) -> AnswerRepository:
        """What language models answered."""
        return self.handed(AnswerRepository(self.database))

    @property
    def spending(self) -> SpendingRepository:
        """What they cost."""
        return self.handed(SpendingRepository(self.database))

    @property
    def watched(self) -> WatchedRepository:
        """Files of watched folders."""
        return self.handed(WatchedRepository(self.database))

    @property
    def jobs(self) -> JobRepository:
        """Jobs in the database."""
        return self.handed(JobRepository(self.database))

    @property
    def queue(self) -> JobQueue:
        """Jobs that wait for a service."""
        return self.handed(JobQueue(self.database))

    @property
    def events(self) -> EventRepository:
        """What happens to any job."""
        return self.handed(EventRepository(self.database))

    @property
    def figures(self) -> FigureRepository:
        """How long stages took, and what is not done."""
        return self.handed(FigureRepository(self.database))

    @property
    def tokens(self) -> TokenRepository:
        """Tokens of the service."""
        return self.handed(TokenRepository(self.database))

    @property
    def uploads(self) -> UploadRepository:
        """Recordings that people handed in."""
        return self.handed(UploadRepository(self.database))

    @property
    def users(self) -> UserRepository:
        """Users of the service, and their sessions."""
        return self.handed(UserRepository(self.database))

    @property
    def folders(self) -> FolderRepository:
        """Folders, groups, and whose things are."""
        return self.handed(FolderRepository(self.database))

    @property
    def carries(self) -> CarryRepository:
        """Decisions that are to be carried over."""
        return self.handed(CarryRepository(self.database))

    @property
    def conflicts(self) -> ConflictRepository:
        """Decisions of people that did not fit when they were carried over."""
        return self.handed(ConflictRepository(self.database))

    @property
    def accepted(self) -> AcceptedRepository:
        """New speech that people have accepted."""
        return self.handed(AcceptedRepository(self.database))

    @property
    def tags(self) -> TagRepository:
        """Words by which transcripts are found again."""
        return self.handed(TagRepository(self.database))

    @property
    def links(self) -> LinkRepository:
        """Links that share transcripts."""
        return self.handed(LinkRepository(self.database))
