"""The stages of a job. Each reads references, gives references, and is done once for the same
inputs.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from trax import __version__
from trax.asr import RecognitionOptions
from trax.audio import SAMPLE_RATE, Decoded, Limits, StoredAudio, decode_to_flac, probe
from trax.audio.tracks import MOST_TRACKS, levels, one_voice_a_channel, take_apart
from trax.diarization import DiarizationOptions
from trax.diarization.tracks import diarize_tracks
from trax.diarization.tracks import fingerprint as tracks_fingerprint
from trax.enhance import EnhancementOptions, LanguageModel
from trax.export import FORMATS
from trax.merge import attribute, tally
from trax.progress import SKIPPED, Progress
from trax.stages.listening import heard
from trax.stages.options import TranscribeOptions
from trax.stages.questions import asked_of, enhanced, noted, skipped
from trax.stages.voices import Voices, exports_of, known_voices, voices_key, voices_of
from trax.store import ObjectRef
from trax.transcript import Diarization, Provenance, Recognition, Recording, Transcript
from trax.transcript.codec import from_json, to_json
from trax.work.job import Job, recording_file
from trax.work.running import StageResult, StageWork, load, on_device, reported, run_stage
from trax.work.workspace import Workspace


@reported
def ingest(workspace: Workspace, job: Job) -> StageResult:
    """Keep a job's recording as 16 kHz mono lossless audio.

    Outputs: ``audio`` (FLAC), ``recording.json`` (`Recording`), ``warnings.json``; where every
        channel is one person's
    microphone, also ``track-1``, ``track-2``… (FLAC).

    Raises:
        UnreadableAudio: no audio can be decoded from it.
        LimitExceeded: it is larger or longer than allowed.
    """
    sha256 = job.request.recording_sha256
    with recording_file(workspace, job.request.source) as source:
        found = probe(source, workspace.limits)

    def make(folder: Path, progress: Progress) -> Mapping[str, Path | ObjectRef]:
        expected = max(found.duration or 0.0, 1.0)
        with recording_file(workspace, job.request.source) as source:
            decoded, files = _decoded(
                source,
                folder,
                found.channels,
                workspace.limits,
                lambda seconds: progress(min(1.0, seconds / expected)),
            )
        recording = Recording(
            sha256=sha256,
            name="",
            size_bytes=found.size_bytes,
            duration=round(decoded.duration, 3),
            container=found.container,
            codec=found.codec,
            channels=found.channels,
            sample_rate=found.sample_rate,
        )
        return {
            **{
                name: workspace.objects.put_file(f"recordings/{sha256}/{file.name}", file)
                for name, file in files.items()
            },
            "recording.json": _written(folder / "recording.json", to_json(recording)),
            "warnings.json": _written(
                folder / "warnings.json", json.dumps(decoded.warnings).encode()
            ),
        }

    decoder = f"av-{version('av')}/{SAMPLE_RATE}"
    inputs = {"recording": sha256, "decoder": decoder}
    return run_stage(
        workspace,
        job,
        StageWork(stage="ingest", inputs=inputs, make=make, audio_seconds=found.duration or 0.0),
    )


@reported
@on_device
def recognise(workspace: Workspace, job: Job, audio: StageResult) -> StageResult:
    """Turn the speech of an ingested recording into timed words. Output: ``recognition.json``."""
    options = job.options.recognition
    engine = workspace.engines.recogniser(options)
    stored = _audio(workspace, audio)

    def make(folder: Path, progress: Progress) -> Mapping[str, Path | ObjectRef]:
        recognition = engine.recognise(stored, options, progress)
        return {"recognition.json": _written(folder / "recognition.json", to_json(recognition))}

    inputs = _engine_inputs(audio, options, engine.fingerprint)
    work = StageWork(
        stage="recognise",
        inputs=inputs,
        make=make,
        audio_seconds=stored.duration,
        engine=engine.fingerprint,
    )
    return run_stage(workspace, job, work)


@reported
@on_device
def diarize(workspace: Workspace, job: Job, audio: StageResult) -> StageResult:
    """Tell who speaks when in an ingested recording, by voice or by channel. Output:
    ``diarization.json``.
    """
    options = job.options.diarization
    engine = workspace.engines.diarizer(options)
    stored = _audio(workspace, audio)
    names = (
        sorted(name for name in audio.outputs if name.startswith("track-"))
        if options.split_channels
        else []
    )

    def make(folder: Path, progress: Progress) -> Mapping[str, Path | ObjectRef]:
        if names:
            tracks = [
                StoredAudio.open(workspace.objects.local_path(audio.outputs[name]))
                for name in names
            ]
            loudness = np.concatenate([levels(track.path) for track in tracks], axis=1)
            diarization = diarize_tracks(tracks, loudness, engine, options, progress)
        else:
            diarization = heard(engine, options, stored, progress)
        return {"diarization.json": _written(folder / "diarization.json", to_json(diarization))}

    made_by = tracks_fingerprint(engine) if names else engine.fingerprint
    inputs = _engine_inputs(audio, options, made_by)
    work = StageWork(
        stage="diarize", inputs=inputs, make=make, audio_seconds=stored.duration, engine=made_by
    )
    return run_stage(workspace, job, work)


@reported
def enhance(workspace: Workspace, job: Job, spoken: StageResult) -> StageResult:
    """Find out what kind of speech it is, and let a language model correct words, where one is
    configured.

    Output: ``recognition.json``. Where the model did not answer everything, the result is not used
        again.
    """
    options = job.options.enhancement
    tasks, model = options.asked(merged=False), workspace.engines.language_model()
    embedder = workspace.engines.embedder() if options.domain == "auto" else None

    def make(folder: Path, progress: Progress) -> Mapping[str, Path | ObjectRef]:
        recognition = enhanced(
            workspace, job, load(workspace, Recognition, spoken, "recognition.json"), progress
        )
        return {"recognition.json": _written(folder / "recognition.json", to_json(recognition))}

    def is_whole(folder: Path) -> bool:
        made = from_json(Recognition, (folder / "recognition.json").read_bytes(), "recognition")
        return made.enhancement is None or not made.enhancement.unfinished

    inputs = {
        "words": spoken.digest,
        "options": options.model_dump(mode="json"),
        "hotwords": list(job.options.recognition.hotwords),
        "model": asked_of(model, tasks),
        "names found by": workspace.spacy_model,
        "domain": f"{embedder.fingerprint if embedder else 'keywords'}, trax {__version__}",
    }
    work = StageWork(
        stage="enhance",
        inputs=inputs,
        make=make,
        audio_seconds=spoken.run.audio_seconds,
        engine=_engine(model, options, merged=False),
        is_whole=is_whole,
    )
    return run_stage(workspace, job, work)


@reported
def merge(
    workspace: Workspace, job: Job, audio: StageResult, spoken: StageResult, turns: StageResult
) -> StageResult:
    """Join words and turns to one transcript. Outputs: ``transcript.json``, ``voices.json``
    (`Voices`).
    """
    name, options = job.request.name, job.options

    def make(folder: Path, _progress: Progress) -> Mapping[str, Path | ObjectRef]:
        diarization = load(workspace, Diarization, turns, "diarization.json")
        transcript = _merged(
            replace(load(workspace, Recording, audio, "recording.json"), name=name),
            load(workspace, Recognition, spoken, "recognition.json"),
            diarization,
            json.loads(workspace.objects.local_path(audio.outputs["warnings.json"]).read_bytes()),
            options,
        )
        return {
            "transcript.json": _written(folder / "transcript.json", to_json(transcript)),
            "voices.json": _written(
                folder / "voices.json", to_json(voices_of(diarization, transcript))
            ),
        }

    inputs = {
        "audio": audio.digest,
        "words": spoken.digest,
        "turns": turns.digest,
        "name": name,
        "options": _engine_options(options),
        "trax": __version__,
    }
    work = StageWork(stage="merge", inputs=inputs, make=make, audio_seconds=audio.run.audio_seconds)
    return run_stage(workspace, job, work)


@reported
def annotate(
    workspace: Workspace, job: Job, merged: StageResult, turns: StageResult
) -> StageResult:
    """Let a language model write about a transcript, where one is configured and asked to.

    Outputs: ``transcript.json``, ``voices.json``. Where the model did not answer everything, the
        result is not used
    again.
    """
    options = job.options.enhancement
    tasks, model = options.asked(merged=True), workspace.engines.language_model()

    def make(folder: Path, progress: Progress) -> Mapping[str, Path | ObjectRef]:
        if model is None or not tasks:
            return merged.outputs
        transcript = load(workspace, Transcript, merged, "transcript.json")
        diarization = load(workspace, Diarization, turns, "diarization.json")
        made = noted(workspace, job, transcript, diarization, progress)
        return {
            **merged.outputs,
            "transcript.json": _written(folder / "transcript.json", to_json(made)),
        }

    def is_whole(folder: Path) -> bool:
        path = folder / "transcript.json"
        made = from_json(Transcript, path.read_bytes(), "transcript") if path.exists() else None
        return made is None or made.notes is None or not made.notes.unfinished

    inputs = {
        "transcript": merged.digest,
        "turns": turns.digest,
        "options": options.model_dump(mode="json"),
        "model": asked_of(model, tasks),
        "names found by": workspace.spacy_model,
        "trax": __version__,
    }
    work = StageWork(
        stage="annotate",
        inputs=inputs,
        make=make,
        audio_seconds=merged.run.audio_seconds,
        engine=_engine(model, options, merged=True),
        is_whole=is_whole,
    )
    return run_stage(workspace, job, work)


@reported
def publish(workspace: Workspace, job: Job, merged: StageResult) -> StageResult:
    """Keep a transcript in the database and write it in every format, with the names of known
    voices.

    Outputs: one a format, by its name; ``transcript.json``, ``voices.json``.
    """
    voices = load(workspace, Voices, merged, "voices.json")
    known = known_voices(workspace, voices)
    transcript = load(workspace, Transcript, merged, "transcript.json").with_voices(known)
    formats = job.options.formats
    number = workspace.repository.save(transcript, job.id)

    def make(folder: Path, progress: Progress) -> Mapping[str, Path | ObjectRef]:
        made: dict[str, Path | ObjectRef] = {
            "transcript.json": _written(folder / "transcript.json", to_json(transcript)),
            "voices.json": workspace.objects.put_bytes(voices_key(transcript.id), to_json(voices)),
        }
        for done, name in enumerate(formats):
            progress(done / len(formats))
            written = _written(folder / name, FORMATS[name].render(transcript))
            made[name] = workspace.objects.put_file(
                f"{exports_of(transcript.id)}{number}.{name}", written
            )
        return made

    inputs = {
        "transcript": merged.digest,
        "version": number,
        "formats": list(formats),
        "names": {label: voice.name for label, voice in known.items()},
        "trax": __version__,
    }
    duration = transcript.recording.duration
    return run_stage(
        workspace, job, StageWork(stage="publish", inputs=inputs, make=make, audio_seconds=duration)
    )


def _decoded(
    source: Path, folder: Path, channels: int, limits: Limits, progress: Progress
) -> tuple[Decoded, dict[str, Path]]:
    """A recording as one mono file, ``audio``, and where every channel is one person's, those
    channels too.
    """
    flac = folder / "audio.flac"
    if 2 <= channels <= MOST_TRACKS:
        together = folder / "channels.flac"
        decoded = decode_to_flac(
            source, together, limits, lambda seconds: progress(seconds / 2), channels
        )
        if one_voice_a_channel(levels(together)):
            mix, tracks = take_apart(together, folder)
            return decoded, {"audio": mix} | {track.stem: track for track in tracks}
        half = decoded.duration / 2
        return decode_to_flac(source, flac, limits, lambda seconds: progress(half + seconds / 2)), {
            "audio": flac
        }
    return decode_to_flac(source, flac, limits, progress), {"audio": flac}


def _engine(model: LanguageModel | None, options: EnhancementOptions, *, merged: bool) -> str:
    """What enhanced, or why nothing was to be done."""
    reason = skipped(model, options, merged=merged)
    return SKIPPED + reason if reason or model is None else model.fingerprint


def _engine_inputs(
    audio: StageResult, options: RecognitionOptions | DiarizationOptions, engine: str
) -> dict[str, object]:
    """What decides an engine's result; the model's name does not, its fingerprint does."""
    return {
        "audio": audio.outputs["audio"].sha256,
        "options": options.model_dump(mode="json", exclude={"model"}),
        "engine": engine,
    }


def _merged(
    recording: Recording,
    recognition: Recognition,
    diarization: Diarization,
    warnings: Sequence[str],
    options: TranscribeOptions,
) -> Transcript:
    chosen = json.dumps(_engine_options(options), sort_keys=True)
    made_of = [recording.sha256, recognition.engine, diarization.engine, chosen]
    return Transcript(
        id=hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:12],
        recording=recording,
        language=recognition.language,
        language_confidence=recognition.language_confidence,
        segments=attribute(recognition, diarization),
        turns=diarization.turns,
        exclusive_turns=diarization.exclusive_turns,
        speakers=tuple(
            replace(each, name=diarization.names.get(each.label))
            for each in tally(diarization.turns)
        ),
        provenance=Provenance(
            trax=__version__,
            recogniser=recognition.engine,
            diarizer=diarization.engine,
            options=chosen,
            domain=recognition.domain,
        ),
        removed=recognition.removed,
        expected_errors=recognition.expected_errors,
        vocabulary=recognition.vocabulary,
        speaker_count=diarization.count,
        speaker_confidence=diarization.confidence,
        enhancement=recognition.enhancement,
        paragraphs=recognition.paragraphs,
        warnings=(*warnings, *recognition.warnings, *diarization.warnings),
    )


def _engine_options(options: TranscribeOptions) -> dict[str, object]:
    """The options that decide what is said and by whom; the formats do not."""
    return options.model_dump(mode="json", exclude={"formats"})


def _audio(workspace: Workspace, audio: StageResult) -> StoredAudio:
    return StoredAudio.open(workspace.objects.local_path(audio.outputs["audio"]))


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
