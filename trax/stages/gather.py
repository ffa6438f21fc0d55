"""Gather: people's recordings and texts to examples that are cut, checked and split."""

from collections.abc import Collection, Sequence
from pathlib import Path

from trax.adapters.examples import write_examples
from trax.adapters.gathering import gather
from trax.adapters.sources import SpokenText, spoken_texts
from trax.progress import Progress, note
from trax.stages.adapt_options import AdaptOptions
from trax.stages.corrections import CORRECTIONS, TRANSCRIPT, consented, corrected_text
from trax.stages.files import written
from trax.store.objects import file_digest
from trax.work.graph import Stage
from trax.work.values import Job, Outputs, StageWork
from trax.work.workspace import Workspace


def _prepare(workspace: Workspace, job: Job[AdaptOptions]) -> StageWork:
    """Gather examples from the job's sources.

    Outputs: ``examples.json``, ``sound.npy``, ``gathered.json``.
    """
    options = job.options
    learner = workspace.engines.learner(options.base)
    domain = _texts(workspace, options.sources, options.without)
    general = _texts(workspace, options.general, options.without)

    def make(folder: Path, progress: Progress) -> Outputs:
        spoken, found = gather(
            domain, general, learner.decoder, options.language, workspace.limits, progress
        )
        note(
            f"gather: {found.learnt} examples to learn from, {found.judged} to judge by, "
            f"{len(found.set_aside)} set aside"
        )
        text = found.model_dump_json(indent=1).encode()
        report = written(folder / "gathered.json", text)
        return {**write_examples(spoken, folder), "gathered.json": report}

    return StageWork(
        inputs={
            "domain": [_known(each) for each in domain],
            "general": [_known(each) for each in general],
            "language": options.language,
            "engine": learner.decoder.fingerprint,
        },
        make=make,
        engine=learner.decoder.fingerprint,
    )


GATHER = Stage(
    name="gather",
    version=2,
    summary="Cut recordings and their text into examples, and set wrong pairs aside.",
    prepare=_prepare,
    where="device",
)


def _texts(
    workspace: Workspace, sources: Sequence[str], without: Collection[str]
) -> list[SpokenText]:
    """What is said in *sources*, but for recordings *without* which it is to be learnt."""
    found = []
    for source in sources:
        if source.startswith(TRANSCRIPT):
            found.append(corrected_text(workspace, source.removeprefix(TRANSCRIPT)))
        elif source.startswith(CORRECTIONS):
            found += consented(workspace, Path(source.removeprefix(CORRECTIONS)))
        else:
            found += spoken_texts(Path(source).expanduser())
    if not without:
        return found
    return [each for each in found if file_digest(each.audio) not in without]


def _known(spoken: SpokenText) -> list[object]:
    """What decides the examples of one recording."""
    said = [[each.speaker, each.text, each.start, each.end] for each in spoken.utterances]
    digest = file_digest(spoken.audio)
    return [spoken.name, digest, said, spoken.speaker, spoken.language, list(spoken.terms)]
