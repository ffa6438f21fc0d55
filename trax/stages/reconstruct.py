"""Reconstruct: the recording as it was, with the new speech in the places of the old."""

from collections.abc import Iterator
from pathlib import Path

from trax import __version__
from trax.audio import Waveform
from trax.audio.master import Frames, Master, rewritten
from trax.audio.provenance import tag
from trax.audio.video import has_picture, suffix_of, with_sound
from trax.errors import MissingPart, ModelUnavailable
from trax.progress import Progress
from trax.stages.check import Check
from trax.stages.files import written
from trax.stages.likenesses import Likenesses
from trax.stages.listening import listened
from trax.stages.mixdown import Mixdown, Mixed, lines_of
from trax.stages.narration import consent_of, voice_name
from trax.stages.replacement import RevoiceOptions
from trax.stages.separate import decoded
from trax.stages.stems import Stems
from trax.stages.takes import read_speech
from trax.transcript.codec import to_json
from trax.voice.comparison import names_and_numbers
from trax.voice.hiding import public_names
from trax.voice.report import Report, Row
from trax.voice.selection import Left, Utterance
from trax.work.graph import Stage
from trax.work.recordings import recording_file
from trax.work.running import load
from trax.work.values import Job, Outputs, StageResult, StageWork
from trax.work.workspace import Workspace

_DECODING = 0.2  # share of the progress


def _prepare(
    workspace: Workspace,
    job: Job[RevoiceOptions],
    *,
    selection: StageResult,
    voices: StageResult,
    checked: StageResult,
) -> StageWork:
    """Put the new speech into the recording; what is not replaced stays as it is, bit for bit.

    Outputs: ``audio`` with a suffix, in the recording's own sample rate and channels;
    ``report.json`` (`Report`); of a video also ``video`` with a suffix, its picture untouched.
    """
    watermark = workspace.engines.voices.watermark()
    likeness = workspace.engines.voices.likeness()

    def make(folder: Path, progress: Progress) -> Outputs:
        master = decoded(workspace, job, folder, lambda share: progress(_DECODING * share))
        making = _Making(workspace, job, master, selection, voices, checked, progress)
        target = folder / f"audio{master.shape.suffix}"
        report = making.write(target)
        file = written(folder / "report.json", to_json(report))
        return {target.name: target, "report.json": file, **_video(workspace, job, target)}

    inputs = {
        "recording": job.request.recording_sha256 or "",
        "name": job.request.name,
        "selection": selection.digest,
        "voices": voices.digest,
        "checked": checked.digest,
        "unspoken": job.options.unspoken,
        "redact": sorted(job.options.redact),
        "replacements": [each.model_dump(mode="json") for each in job.options.replacements],
        "watermark": watermark.fingerprint,
        "likeness": likeness.fingerprint,
        "trax": __version__,
    }
    return StageWork(inputs=inputs, make=make, audio_seconds=selection.run.audio_seconds)


RECONSTRUCT = Stage(
    name="reconstruct",
    version=4,
    summary="Put the new speech into the recording.",
    prepare=_prepare,
    where="device",
)


def _video(workspace: Workspace, job: Job[RevoiceOptions], sound: Path) -> dict[str, Path]:
    """The recording's picture with the new sound, if it has a picture."""
    with recording_file(workspace, job.request.source) as source:
        if not has_picture(source):
            return {}
        target = sound.with_name(f"video{suffix_of(source)}")
        with_sound(source, Master.open(sound), target, _tag(job))
    return {target.name: target}


def _tag(job: Job[RevoiceOptions]) -> str:
    facts = {
        "trax": __version__,
        "recording": job.request.recording_sha256 or "",
        "job": job.id,
    }
    return tag(facts)


class _Making:
    """A result in the making."""

    def __init__(
        self,
        workspace: Workspace,
        job: Job[RevoiceOptions],
        master: Master,
        selection: StageResult,
        voices: StageResult,
        checked: StageResult,
        progress: Progress,
    ) -> None:
        self._workspace = workspace
        self._job = job
        self._master = master
        self._progress = progress
        self._engines = {"voices": voices.run.engine, "check": checked.run.engine}
        self._selection = listened(workspace, selection, voices)
        self._checked = load(workspace, Check, checked, "check.json").utterances
        self._files = checked.outputs
        stems = load(workspace, Stems, voices, "stems.json")
        file = Master.open(workspace.objects.local_path(voices.outputs["voice.flac"]))
        self._mixdown = Mixdown(master, file, stems, self._speech, self._note)
        self._likenesses = Likenesses(workspace, job, self._selection)
        self._watermark = workspace.engines.voices.watermark()
        self._rows: list[Row] = []
        self._warnings: list[str] = []

    def write(self, target: Path) -> Report:
        """Write the recording with the new speech to *target*, and say what was done."""
        lines, left = lines_of(self._selection, self._checked, self._job.options.unspoken)
        stretches = self._counted(self._mixdown.stretches(lines))
        rewritten(self._master, target, stretches, _tag(self._job))
        return self._report(left)

    def _counted(self, stretches: Iterator[tuple[int, Frames]]) -> Iterator[tuple[int, Frames]]:
        """*stretches*, with their progress."""
        for start, samples in stretches:
            self._progress(_DECODING + (1 - _DECODING) * start / max(1, self._master.frames))
            yield start, samples

    def _speech(self, utterance: Utterance) -> Waveform:
        """The new speech for an utterance, marked as synthetic."""
        ref = self._files[f"{utterance.id}.flac"]
        return self._marked(read_speech(self._workspace.objects.local_path(ref)))

    def _marked(self, speech: Waveform) -> Waveform:
        """Speech with the mark; without it where the mark cannot be had, which is reported."""
        try:
            return self._watermark.mark(speech)
        except (MissingPart, ModelUnavailable) as error:
            warning = f"the speech bears no watermark: {error}"
            if warning not in self._warnings:
                self._warnings.append(warning)
            return speech

    def _report(self, left: list[Left]) -> Report:
        names = self._selection.names
        sha256 = self._job.request.recording_sha256 or ""
        is_public = "names" in self._job.options.redact
        return Report(
            trax=__version__,
            recording=sha256,
            name=f"recording {sha256[:8]}" if is_public else self._job.request.name,
            speakers=public_names(names) if is_public else names,
            voices={label: voice_name(self._job, label, name) for label, name in names.items()},
            consents={label: consent_of(self._job, label, name) for label, name in names.items()},
            utterances=tuple(sorted(self._rows, key=lambda row: row.start)),
            left=tuple(left),
            unspoken=self._job.options.unspoken,
            stretches=tuple(self._mixdown.done),
            duration=round(self._master.frames / self._master.shape.sample_rate, 3),
            watermark="" if self._warnings else self._watermark.fingerprint,
            engines=self._engines,
            warnings=tuple(self._warnings),
        )

    def _note(self, mixed: Mixed) -> None:
        """Remember how an utterance went into the mix."""
        utterance = mixed.utterance
        checked = self._checked[utterance.id]
        name = self._selection.names[utterance.speaker]
        like_source, like_target = self._likenesses.of(utterance.speaker, mixed.new, mixed.old)
        row = Row(
            id=utterance.id,
            speaker=utterance.speaker,
            voice=voice_name(self._job, utterance.speaker, name),
            text=utterance.text,
            heard=checked.heard,
            start=round(mixed.start, 3),
            end=round(mixed.end, 3),
            original_start=utterance.span.start,
            original_end=utterance.span.end,
            words=checked.comparison.words,
            errors=checked.comparison.errors,
            missed=checked.comparison.missed,
            names_and_numbers=names_and_numbers(utterance.text),
            attempts=checked.attempts,
            stretch=checked.take.spoken.stretch,
            loudness_before=round(mixed.before, 2),
            loudness_after=round(mixed.after, 2),
            like_source=like_source,
            like_target=like_target,
        )
        self._rows.append(row)
