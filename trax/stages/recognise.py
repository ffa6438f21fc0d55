"""Recognise: speech to timed words."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from trax.adapters.seeing import sees
from trax.asr import Recogniser, RecognitionOptions
from trax.asr.engine import portion
from trax.audio import StoredAudio
from trax.audio.bleed import above_bleed, own_sound
from trax.audio.spliced import SplicedAudio, spliced
from trax.audio.tracks import track_levels
from trax.merge.tracks import by_time
from trax.progress import Event, Heard, Progress, Reporter, current_reporter, reporting
from trax.stages.files import stored_audio, stored_tracks, track_names, written
from trax.stages.options import TranscribeOptions
from trax.transcript import Recognition
from trax.transcript.codec import to_json
from trax.work.graph import Stage
from trax.work.values import Job, Outputs, StageResult, StageWork
from trax.work.workspace import Workspace

_TRACKS_VERSION = 1
"""Grows whenever other words come of the same tracks."""

_MEASURED = 0.03  # share of the progress that measuring the tracks takes


def _prepare(workspace: Workspace, job: Job[TranscribeOptions], *, audio: StageResult) -> StageWork:
    """Turn the speech of an ingested recording into timed words. Output: ``recognition.json``.

    Where every speaker has a track, each track's own sound is read.
    """
    options = job.options.recognition
    allowed = sees(workspace.database, job.request.account)
    engine = workspace.engines.recogniser(options, allowed)
    stored = stored_audio(workspace, audio)
    names = track_names(audio, job.options)

    def make(folder: Path, progress: Progress) -> Outputs:
        if names:
            tracks = stored_tracks(workspace, audio, names)
            recognition = _by_track(tracks, engine, options, progress)
        else:
            recognition = engine.recognise(stored, options, progress)
        file = written(folder / "recognition.json", to_json(recognition))
        return {"recognition.json": file}

    fingerprint = _fingerprint(engine) if names else engine.fingerprint
    # The model's name does not decide the result, its fingerprint does.
    inputs: dict[str, object] = {
        "audio": audio.outputs["audio"].sha256,
        "options": options.model_dump(mode="json", exclude={"model"}),
        "engine": fingerprint,
    }
    if names:
        inputs["tracks"] = [audio.outputs[name].sha256 for name in names]
    return StageWork(
        inputs=inputs,
        make=make,
        audio_seconds=stored.duration,
        engine=fingerprint,
    )


RECOGNISE = Stage(
    name="recognise",
    version=2,
    summary="Turn speech into timed words with confidence.",
    prepare=_prepare,
    where="device",
)


def _by_track(
    tracks: Sequence[StoredAudio],
    engine: Recogniser,
    options: RecognitionOptions,
    progress: Progress,
) -> Recognition:
    """The words of every track at their times in the recording, each with its track's name."""
    loudness = track_levels(tracks)
    above = above_bleed(loudness)
    audio = spliced(tracks, own_sound(loudness, above))
    progress(_MEASURED)
    with reporting(_by_clock(audio, current_reporter())):
        recognition = engine.recognise(audio, options, portion(progress, _MEASURED, 1.0))
    return replace(by_time(recognition, audio, above), engine=_fingerprint(engine))


def _by_clock(audio: SplicedAudio, outer: Reporter) -> Reporter:
    """Passes events on to *outer*, what was heard with its times in the recording."""

    def reporter(event: Event) -> None:
        if isinstance(event, Heard):
            start = audio.clock(event.start)
            event = replace(event, start=start, end=max(start, audio.clock(event.end)))
        outer(event)

    return reporter


def _fingerprint(engine: Recogniser) -> str:
    """Names this way of reading tracks and the engine that reads them."""
    return f"tracks-{_TRACKS_VERSION}/{engine.fingerprint}"
