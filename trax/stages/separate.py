"""Separate: the voices out of what is replaced, so that the background stays."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from trax.asr.engine import portion
from trax.audio import Probe, probe
from trax.audio.master import Frames, Master, Shape, decode_master, open_lossless
from trax.progress import Progress
from trax.stages.files import written
from trax.stages.replacement import RevoiceOptions
from trax.stages.stems import Part, Stems, blocks, key, parts_of, voice_at
from trax.transcript import Span
from trax.transcript.codec import to_json
from trax.voice.edges import sounding
from trax.voice.engine import Separator
from trax.voice.selection import Selection
from trax.work.graph import Stage
from trax.work.recordings import recording_file
from trax.work.running import load
from trax.work.values import Job, Outputs, StageResult, StageWork
from trax.work.workspace import Workspace

_DECODING = 0.1  # share of the progress


def _prepare(
    workspace: Workspace, job: Job[RevoiceOptions], *, selection: StageResult
) -> StageWork:
    """Take the voices out of the places of utterances that are said again, and of words that are
    left, with the recording's own rate and channels.

    Outputs: ``voice.flac``, ``stems.json`` (`Stems`).
    """
    chosen = load(workspace, Selection, selection, "selection.json")
    places = chosen.places
    reaches = [each.reach for each in chosen.utterances]
    separator = workspace.engines.voices.separator()

    def make(folder: Path, progress: Progress) -> Outputs:
        master = decoded(workspace, job, folder, portion(progress, 0.0, _DECODING))
        parts = parts_of(places, master.shape.sample_rate, master.frames)
        voice = folder / "voice.flac"
        _separate(separator, master, parts, voice, portion(progress, _DECODING, 1.0))
        file = Master.open(voice)
        sounds = {key(each): _sound(file, parts, each) for each in reaches}
        stems = Stems(sample_rate=master.shape.sample_rate, parts=parts, sounds=sounds)
        return {"voice.flac": voice, "stems.json": written(folder / "stems.json", to_json(stems))}

    inputs = {
        "recording": job.request.recording_sha256 or "",
        "places": [[place.start, place.end] for place in places],
        "reaches": [[reach.start, reach.end] for reach in reaches],
        "engine": separator.fingerprint,
    }
    return StageWork(
        inputs=inputs,
        make=make,
        audio_seconds=selection.run.audio_seconds,
        engine=separator.fingerprint,
    )


SEPARATE = Stage(
    name="separate",
    version=4,
    summary="Take the voices out of what is replaced.",
    prepare=_prepare,
    where="device",
)


def decoded(
    workspace: Workspace, job: Job[RevoiceOptions], folder: Path, progress: Progress
) -> Master:
    """A job's recording with its own rate and channels, in *folder*."""
    with recording_file(workspace, job.request.source) as source:
        found = probe(source, workspace.limits)
        length = _length(found)
        return decode_master(
            source,
            found,
            workspace.limits,
            folder,
            lambda seconds: progress(min(1.0, seconds / length)),
        )


def _length(found: Probe) -> float:
    return max(1.0, found.duration or 0.0)


def _sound(voices: Master, parts: Sequence[Part], reach: Span) -> Span:
    """Where the voice in a stretch begins and ends."""
    rate = voices.shape.sample_rate
    found = voice_at(voices, parts, round(reach.start * rate), round(reach.end * rate))
    return sounding(found.mean(axis=1), rate, reach)


def _separate(
    separator: Separator,
    master: Master,
    parts: Iterable[Part],
    target: Path,
    progress: Progress,
) -> None:
    parts = list(parts)
    total = max(1, sum(part.frames for part in parts))
    shape = Shape(
        container="FLAC",
        subtype="PCM_24",
        sample_rate=master.shape.sample_rate,
        channels=master.shape.channels,
    )
    done = 0
    with open_lossless(target, shape) as file:
        for part in parts:
            for voice in _whole(separator, master, part):
                file.write(voice)
                done += len(voice)
                progress(min(1.0, done / total))


def _whole(separator: Separator, master: Master, part: Part) -> Iterator[Frames]:
    """The voices in a part, exactly as many frames as it has."""
    left = part.frames
    for voice in separator.separate(blocks(master, part), master.shape.sample_rate):
        yield voice[:left]
        left -= min(left, len(voice))
    if left:
        yield np.zeros((left, master.shape.channels), np.float32)
