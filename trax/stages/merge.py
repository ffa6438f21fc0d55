"""Merge: words and turns as one transcript."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trax import __version__
from trax.merge import attribute, tally
from trax.merge.wordless import wordless_warnings
from trax.progress import Progress
from trax.stages.files import written
from trax.stages.options import TranscribeOptions
from trax.stages.voices import voices_of
from trax.transcript import (
    Diarization,
    Provenance,
    Recognition,
    Recording,
    Removed,
    Segment,
    Speaker,
    Transcript,
    Turn,
    identified,
)
from trax.transcript.codec import to_json
from trax.work.graph import Stage
from trax.work.running import load
from trax.work.values import Job, Outputs, StageResult, StageWork
from trax.work.workspace import Workspace


def _prepare(
    workspace: Workspace,
    job: Job[TranscribeOptions],
    *,
    audio: StageResult,
    words: StageResult,
    turns: StageResult,
) -> StageWork:
    """Join words and turns to one transcript.

    Outputs: ``transcript.json``, ``voices.json`` (`Voices`).
    """
    name = job.request.name

    def make(folder: Path, _progress: Progress) -> Outputs:
        warnings = workspace.objects.local_path(audio.outputs["warnings.json"]).read_bytes()
        parts = _Parts(
            recording=replace(load(workspace, Recording, audio, "recording.json"), name=name),
            recognition=load(workspace, Recognition, words, "recognition.json"),
            diarization=load(workspace, Diarization, turns, "diarization.json"),
            warnings=json.loads(warnings),
        )
        transcript = identified(_merged(parts, job.options, job.request.whose))
        voices = voices_of(parts.diarization, transcript)
        return {
            "transcript.json": written(folder / "transcript.json", to_json(transcript)),
            "voices.json": written(folder / "voices.json", to_json(voices)),
        }

    inputs = {
        "audio": audio.digest,
        "words": words.digest,
        "turns": turns.digest,
        "name": name,
        "options": _deciding_options(job.options),
        "trax": __version__,
    }
    return StageWork(inputs=inputs, make=make, audio_seconds=audio.run.audio_seconds)


MERGE = Stage(
    name="merge",
    version=8,
    summary="Join words and speaker turns to one transcript.",
    prepare=_prepare,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What a transcript is made of."""

    recording: Recording
    recognition: Recognition
    diarization: Diarization
    warnings: Sequence[str]


def _merged(parts: _Parts, options: TranscribeOptions, whose: str) -> Transcript:
    recording, recognition, diarization = parts.recording, parts.recognition, parts.diarization
    chosen = json.dumps(_deciding_options(options), sort_keys=True)
    made_of = [recording.sha256, recognition.engine, diarization.engine, chosen]
    if whose:
        made_of.append(whose)
    segments = attribute(recognition, diarization)
    return Transcript(
        id=hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:12],
        recording=recording,
        language=recognition.language,
        language_confidence=recognition.language_confidence,
        segments=segments,
        turns=diarization.turns,
        exclusive_turns=diarization.exclusive_turns,
        speakers=_speakers(segments, diarization),
        provenance=Provenance(
            trax=__version__,
            recogniser=recognition.engine,
            diarizer=diarization.engine,
            options=chosen,
            domain=recognition.domain,
            adapter=recognition.adapter,
        ),
        removed=_removed(recognition, diarization),
        expected_errors=recognition.expected_errors,
        vocabulary=recognition.vocabulary,
        speaker_count=diarization.count,
        speaker_confidence=diarization.confidence,
        enhancement=recognition.enhancement,
        paragraphs=recognition.paragraphs,
        warnings=(
            *parts.warnings,
            *recognition.warnings,
            *diarization.warnings,
            *_wordless(segments, diarization),
        ),
    )


def _speakers(segments: Sequence[Segment], diarization: Diarization) -> tuple[Speaker, ...]:
    """Who speaks, by name where one was given; of a track without turns, whoever has words."""
    found = list(tally(diarization.turns))
    known = {speaker.label for speaker in found}
    tracks = set(diarization.channels.values()) - known
    words = [word for segment in segments for word in segment.words if word.speaker in tracks]
    found += tally([Turn(word.start, word.end, word.speaker or "") for word in words])
    return tuple(replace(each, name=diarization.names.get(each.label)) for each in found)


def _removed(recognition: Recognition, diarization: Diarization) -> tuple[Removed, ...]:
    """What was removed, with the labels of those in whose tracks it was read."""
    found = []
    for each in recognition.removed:
        labels = [diarization.channels.get(word.speaker or "") for word in each.words]
        pairs = zip(each.words, labels, strict=True)
        words = [replace(word, speaker=label) for word, label in pairs]
        found.append(replace(each, words=tuple(words)))
    return tuple(found)


def _wordless(segments: Sequence[Segment], diarization: Diarization) -> tuple[str, ...]:
    """Where somebody speaks and no word came of it; by speaker where each has a track."""
    words = [word for segment in segments for word in segment.words]
    if not diarization.channels:
        return wordless_warnings(diarization.turns, words)
    found: list[str] = []
    for label in diarization.channels.values():
        turns = [turn for turn in diarization.turns if turn.speaker == label]
        found += wordless_warnings(turns, [word for word in words if word.speaker == label])
    return tuple(dict.fromkeys(found))


def _deciding_options(options: TranscribeOptions) -> dict[str, object]:
    """The options that decide what is said and by whom; the formats do not."""
    return options.model_dump(mode="json", exclude={"formats"})
