"""Check: every take recognised again, and said in another way where it is not understood."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from trax.asr import Recogniser, RecognitionOptions
from trax.progress import Progress
from trax.stages.files import written
from trax.stages.listening import listened
from trax.stages.narration import narrators
from trax.stages.replacement import RevoiceOptions
from trax.stages.synthesise import Takes
from trax.stages.takes import HEARING, Take, heard, take
from trax.transcript.codec import to_json
from trax.voice import Narrator
from trax.voice.comparison import Comparison, compared
from trax.voice.saying import ways
from trax.voice.selection import Utterance, Why
from trax.work.graph import Stage
from trax.work.running import load
from trax.work.values import Job, Outputs, StageResult, StageWork
from trax.work.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An utterance after its check.

    Attributes:
        take: the one that is understood best.
        heard: what was understood.
        comparison: with its text.
        attempts: how many takes were made.
        refused: why no take is used; ``None`` if this one is.
    """

    take: Take
    heard: str
    comparison: Comparison
    attempts: int
    refused: Why | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What became of each utterance, by its id."""

    utterances: dict[str, Checked]


def _prepare(
    workspace: Workspace,
    job: Job[RevoiceOptions],
    *,
    selection: StageResult,
    voices: StageResult,
    takes: StageResult,
) -> StageWork:
    """Recognise every take and compare it with its text; say it in another way where they differ.

    Outputs: ``check.json`` (`Check`), and the speech of each take that is used.
    """
    chosen = listened(workspace, selection, voices)
    first = load(workspace, Takes, takes, "takes.json").takes
    options = job.options.checking.model_copy(update={"language": chosen.language or None})
    recogniser = workspace.engines.recogniser(options)
    speaking = narrators(workspace, job, chosen)

    def make(folder: Path, progress: Progress) -> Outputs:
        found: dict[str, Checked] = {}
        for done, utterance in enumerate(chosen.utterances):
            progress(done / len(chosen.utterances))
            trying = _Trying(workspace, job, utterance, chosen.language, recogniser, options)
            found[utterance.id] = trying.best(speaking[utterance.speaker], first[utterance.id])
        file = written(folder / "check.json", to_json(Check(utterances=found)))
        used = {name: each for name, each in found.items() if each.refused is None}
        return {"check.json": file, **{f"{name}.flac": x.take.speech for name, x in used.items()}}

    inputs = {
        "selection": selection.digest,
        "sounds": voices.outputs["stems.json"].sha256,
        "takes": takes.digest,
        "voices": {label: voice.fingerprint for label, voice in speaking.items()},
        "options": options.model_dump(mode="json", exclude={"model"}),
        "engine": recogniser.fingerprint,
    }
    return StageWork(
        inputs=inputs,
        make=make,
        audio_seconds=selection.run.audio_seconds,
        engine=recogniser.fingerprint,
    )


CHECK = Stage(
    name=HEARING,
    version=2,
    summary="Recognise what was said, and say again what is not understood.",
    prepare=_prepare,
    where="device",
)


@dataclass(frozen=True, slots=True)
class _Trying:
    """One utterance that is said until it is understood."""

    workspace: Workspace
    job: Job[RevoiceOptions]
    utterance: Utterance
    language: str
    recogniser: Recogniser
    options: RecognitionOptions

    def best(self, narrator: Narrator, first: Take) -> Checked:
        """The take that is understood best of those that fit; later ones are made only if no
        earlier one is understood wholly.
        """
        best: Checked | None = None
        count = 0
        for each in self._takes(narrator, first):
            count += 1
            found = self._checked(each)
            if best is None or _rank(found) < _rank(best):
                best = found
            if not found.comparison.errors and found.refused is None:
                break
        if best is None:
            raise RuntimeError("there is always a first take")
        return replace(best, attempts=count)

    def _takes(self, narrator: Narrator, first: Take) -> Iterator[Take]:
        yield first
        for attempt in ways(self.job.options.again.get(self.utterance.id, 0))[1:]:
            yield take(
                self.workspace,
                self.job,
                self.utterance,
                self.language,
                narrator,
                attempt,
                first.spoken.natural,
            )

    def _checked(self, made: Take) -> Checked:
        text = heard(self.workspace, self.job, made.speech, self.recogniser, self.options)
        comparison = compared(self.utterance.text, text, self.language)
        refused = None
        if made.spoken.over > max(self.utterance.slack, 0.01):
            refused = Why.LONG
        elif not comparison.is_accepted:
            refused = Why.WRONG
        return Checked(take=made, heard=text, comparison=comparison, attempts=1, refused=refused)


def _rank(checked: Checked) -> tuple[bool, int]:
    return checked.refused is not None, checked.comparison.errors
