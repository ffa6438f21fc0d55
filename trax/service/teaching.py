"""What people corrected, as something to learn from: terms for a vocabulary, and an adapter."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from trax.adapters.card import AdapterCard
from trax.adapters.gate import GateOptions
from trax.adapters.whisper_torch import check_training_packages
from trax.errors import InvalidOption, MissingPart, NotFound
from trax.pipelines.adapt import ADAPT, adapt_job
from trax.revision.corrected import Term, corrected_lines, is_sure, new_terms
from trax.service.access import Caller
from trax.service.checks import checked
from trax.service.folders import check_folder, seen
from trax.service.serving import Service, Submitted, is_over, queued, retry
from trax.stages.adapt_options import AdaptOptions
from trax.stages.corrections import TRANSCRIPT, consent, consented_ids
from trax.store import JobRecord, Sight
from trax.store.sight import may
from trax.transcript import Transcript
from trax.work.values import Job
from trax.work.workspace import Workspace

_LONGEST_TERM = 100  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedTranscript:
    """A transcript that people corrected.

    Attributes:
        words: that somebody corrected or confirmed.
        lines: in which they are.
        seconds: of those lines.
    """

    id: str
    name: str
    words: int
    lines: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """What people corrected.

    Attributes:
        terms: that they wrote and no machine did, the commonest first.
        lines_needed: as many an adapter needs to learn from and to be judged by.
        obstacle: why no adapter can be made; empty if one can.
    """

    transcripts: tuple[CorrectedTranscript, ...]
    terms: tuple[Term, ...]
    lines_needed: int
    obstacle: str

    @property
    def words(self) -> int:
        """In all transcripts."""
        return sum(each.words for each in self.transcripts)

    @property
    def lines(self) -> int:
        """In all transcripts."""
        return sum(each.lines for each in self.transcripts)

    @property
    def seconds(self) -> float:
        """Of speech, in all transcripts."""
        return sum(each.seconds for each in self.transcripts)


def corrections_of(workspace: Workspace, sight: Sight) -> Corrections:
    """What was corrected in somebody's own transcripts, which are theirs to learn from."""
    return _collected(workspace, list(_own(workspace, sight)))


def corrections_in(workspace: Workspace, folder: Path) -> Corrections:
    """What was corrected in transcripts of recordings in *folder* or below it, where settings
    beside them say that they may be learnt from.

    Raises:
        InvalidOption: such settings cannot be read.
    """
    return _collected(workspace, list(consented_ids(workspace, folder)))


def teach(
    service: Service,
    caller: Caller,
    name: str,
    transcripts: Collection[str],
    description: str = "",
    folder_id: str | None = None,
) -> Submitted:
    """Have an adapter made of what people corrected in transcripts of the caller's own, which they
    consent to by naming them.

    Args:
        folder_id: the folder in which it is shared; ``None``: the caller alone reads with it.

    Raises:
        NotFound: they see no such transcript or folder.
        AccessDenied: a transcript is not theirs, or they may not change what is in the folder.
        InvalidOption: the name is taken or not allowed, nothing is corrected, or settings beside a
            recording say that it is not to be learnt from.
        MissingPart: what trains is not installed.
    """
    workspace = service.workspace
    check_training_packages()
    if folder_id is not None:
        check_folder(workspace, caller, folder_id)
    ids = [seen(workspace, caller, "transcript", each, "owner") for each in transcripts]
    sources = sorted({workspace.repository.resolve(each) for each in ids})
    for each in sources:
        _check_corrected(workspace, each)
    values = {
        "name": name,
        "sources": [f"{TRANSCRIPT}{each}" for each in sources],
        "description": description,
        "language": workspace.repository.get(sources[0]).language if sources else "en",
    }
    options = checked(AdaptOptions, values)
    workspace.shelf.check_free(options.name, caller.account)
    return _queued_again(service, caller, adapt_job(options, caller.account, folder_id))


def teach_again(
    service: Service, caller: Caller, cards: Iterable[AdapterCard], without: str
) -> list[JobRecord]:
    """Have adapters made again *without* a recording that they have learnt from; those that were
    not made here, or would have nothing to learn from, are passed over.

    Args:
        without: the recording's SHA-256.
    """
    found = []
    for card in cards:
        with suppress(NotFound, InvalidOption):
            options = options_again(service.workspace, card, without)
            job = adapt_job(options, card.account, card.folder_id)
            found.append(_queued_again(service, caller, job).job)
    return found


def _queued_again(service: Service, caller: Caller, job: Job[AdaptOptions]) -> Submitted:
    """Queue a job, also one that has ended: people may have corrected more since."""
    submitted = queued(service, caller, job.request)
    if submitted.is_new or not is_over(submitted.job):
        return submitted
    return Submitted(retry(service, caller, submitted.job.id), is_new=True)


def options_again(workspace: Workspace, card: AdapterCard, without: str) -> AdaptOptions:
    """The options with which its owner had an adapter made last, *without* a recording.

    Args:
        without: the recording's SHA-256.

    Raises:
        NotFound: it was not made here.
        InvalidOption: nothing is left to learn from.
    """
    for job in workspace.jobs.named(ADAPT.name, card.name):
        options = AdaptOptions.model_validate(job.options)
        if job.account == card.account and options.base in (card.base, "auto"):
            return _without(workspace, options, without)
    raise NotFound("job that made adapter", card.name)


def _without(workspace: Workspace, options: AdaptOptions, sha256: str) -> AdaptOptions:
    sources = [each for each in options.sources if not _is_of(workspace, each, sha256)]
    if not sources:
        raise InvalidOption(f"nothing is left that {options.name} could learn from: remove it")
    known = dict.fromkeys((*options.without, sha256))
    return options.model_copy(update={"sources": tuple(sources), "without": tuple(known)})


def _is_of(workspace: Workspace, source: str, sha256: str) -> bool:
    """Whether a source is a transcript of the recording, or of one that is gone."""
    if not source.startswith(TRANSCRIPT):
        return False
    try:
        transcript = workspace.repository.get(source.removeprefix(TRANSCRIPT))
    except NotFound:
        return True
    return transcript.recording.sha256 == sha256


def _own(workspace: Workspace, sight: Sight) -> Iterable[str]:
    for reference in workspace.revisions.revised():
        role = workspace.folders.role_in_transcript(reference, sight)
        if not may(role, "owner"):
            continue
        sha256 = workspace.repository.get(reference).recording.sha256
        if consent(workspace, sha256) is not False:
            yield reference


def _collected(workspace: Workspace, references: Collection[str]) -> Corrections:
    pairs = [_before_and_after(workspace, each) for each in references]
    found = [_corrected(after) for _before, after in pairs]
    gate = GateOptions()
    return Corrections(
        transcripts=tuple(each for each in found if each.words),
        terms=tuple(term for term in new_terms(pairs) if len(term.text) <= _LONGEST_TERM),
        lines_needed=gate.least_examples + gate.least_judged,
        obstacle=_obstacle(),
    )


def _before_and_after(workspace: Workspace, reference: str) -> tuple[Transcript, Transcript]:
    first = workspace.repository.versions(reference)[-1].version
    return workspace.repository.get(reference, first), workspace.repository.get(reference)


def _corrected(transcript: Transcript) -> CorrectedTranscript:
    lines = corrected_lines(transcript)
    return CorrectedTranscript(
        id=transcript.id,
        name=transcript.recording.name,
        words=sum(is_sure(word) for word in transcript.words),
        lines=len(lines),
        seconds=round(sum(line.end - line.start for line in lines), 1),
    )


def _check_corrected(workspace: Workspace, reference: str) -> None:
    transcript = workspace.repository.get(reference)
    if consent(workspace, transcript.recording.sha256) is False:
        raise InvalidOption(
            f"{transcript.recording.name} is not to be learnt from: the settings beside it say so"
        )
    if not corrected_lines(transcript):
        raise InvalidOption(f"nobody has corrected a word of {transcript.recording.name} yet")


def _obstacle() -> str:
    """Why this process cannot train."""
    try:
        check_training_packages()
    except MissingPart as error:
        return str(error)
    return ""
