"""What a job asks of the language model."""

from collections.abc import Sequence
from dataclasses import replace

from trax.enhance import EnhancementOptions, LanguageModel
from trax.enhance.acoustics import Acoustics
from trax.enhance.context import EnhancementContext
from trax.enhance.dispatch import Dispatcher
from trax.enhance.domain import detect_domain, domain_terms
from trax.enhance.notes import annotate_transcript
from trax.enhance.privacy import Mask
from trax.enhance.prompts import prompt_for
from trax.enhance.recognition import enhance_recognition
from trax.enhance.spending import Account
from trax.progress import SKIPPED, Progress, note
from trax.stages.options import TranscribeOptions
from trax.transcript import (
    Diarization,
    Domain,
    Enhancement,
    Recognition,
    Segment,
    Transcript,
    joined_text,
)
from trax.work.values import Job
from trax.work.workspace import Workspace

_UNCONFIGURED = "no language model is configured"
_NOTHING_ASKED = "nothing was asked of a language model"
_NOTHING_HERE = "nothing was asked of the language model here"
_NOTHING_SAID = "nobody speaks"


def domain_of(
    workspace: Workspace, options: EnhancementOptions, recognition: Recognition
) -> Domain:
    """What kind of speech a recording is: as given, or as detected."""
    if options.domain != "auto":
        return Domain(name=options.domain, by="given")
    words = [word for segment in recognition.segments for word in segment.words]
    return detect_domain(joined_text(words), workspace.engines.embedder())


def enhanced(
    workspace: Workspace, job: Job[TranscribeOptions], recognition: Recognition, progress: Progress
) -> Recognition:
    """The recognition with its domain, and with words corrected by the language model."""
    options = job.options.enhancement
    domain = domain_of(workspace, options, recognition)
    recognition = replace(recognition, domain=domain)
    tasks = options.tasks_before_merge
    model = workspace.engines.language_model()
    if model is None or not tasks or not recognition.segments:
        reason = skipped(model, options, tasks) or _NOTHING_SAID
        return replace(recognition, enhancement=Enhancement(skipped=reason))
    context = _context(workspace, job, model, domain, recognition.segments)
    return enhance_recognition(recognition, tasks, context, progress)


def annotated(
    workspace: Workspace,
    job: Job[TranscribeOptions],
    transcript: Transcript,
    diarization: Diarization,
    progress: Progress,
) -> Transcript:
    """The transcript with what the language model writes about it."""
    options = job.options.enhancement
    tasks = options.tasks_after_merge
    model = workspace.engines.language_model()
    if model is None or not tasks or not transcript.segments:
        return transcript
    domain = transcript.provenance.domain or Domain(name="general", by="given")
    context = _context(workspace, job, model, domain, transcript.segments)
    acoustics = Acoustics(diarization.exclusive_turns, diarization.activity)
    return annotate_transcript(transcript, tasks, context, acoustics, options.language, progress)


def skipped(model: LanguageModel | None, options: EnhancementOptions, tasks: Sequence[str]) -> str:
    """Why a stage whose tasks these are asks nothing; empty if it does ask."""
    if not options.tasks:
        return _NOTHING_ASKED
    if model is None:
        return _UNCONFIGURED
    return "" if tasks else _NOTHING_HERE


def asked_of(model: LanguageModel | None, tasks: Sequence[str]) -> str:
    """What decides the answers besides the text: model and prompts."""
    if model is None or not tasks:
        return "none"
    prompts = [prompt_for(task).fingerprint for task in tasks]
    return "+".join([model.fingerprint, *prompts])


def _context(
    workspace: Workspace,
    job: Job[TranscribeOptions],
    model: LanguageModel,
    domain: Domain,
    segments: Sequence[Segment],
) -> EnhancementContext:
    glossary = (*job.options.enhancement.glossary, *job.options.recognition.hotwords)
    options = job.options.enhancement.model_copy(update={"glossary": glossary})
    return context_of(workspace, job.id, model, options, domain, segments)


def context_of(
    workspace: Workspace,
    payer: str,
    model: LanguageModel,
    options: EnhancementOptions,
    domain: Domain,
    segments: Sequence[Segment],
) -> EnhancementContext:
    """What questions about *segments* share.

    Args:
        payer: id of the job that what they cost is counted for, or of what else it is.
    """
    options.check()
    account = Account(workspace.spending, workspace.budget, model.price, payer)
    glossary = options.glossary
    mask = Mask(glossary, spacy_model=workspace.spacy_model) if options.mask else None
    if mask is not None:
        for segment in segments:
            mask.learn(segment.text)
    return EnhancementContext(
        dispatcher=Dispatcher(model, account, workspace.answers),
        domain=domain.name,
        glossary=tuple(dict.fromkeys(glossary)),
        vocabulary=domain_terms(domain.name),
        mask=mask,
        notify=note,
    )


def engine_of(
    model: LanguageModel | None, options: EnhancementOptions, tasks: Sequence[str]
) -> str:
    """The model's fingerprint, or why a stage asks it nothing, as `StageRun` says it."""
    reason = skipped(model, options, tasks)
    return SKIPPED + reason if reason or model is None else model.fingerprint
