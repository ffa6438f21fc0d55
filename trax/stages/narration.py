"""Whose voice says what: narrators for the speakers of a recording."""

import tempfile
from pathlib import Path

import numpy as np

from trax.audio import StoredAudio, Waveform, probe, voice_activity
from trax.audio.decode import decode_to_flac
from trax.audio.master import decode_master
from trax.errors import InvalidOption
from trax.stages.replacement import ANONYMOUS, EVERYBODY, Replacement, RevoiceOptions
from trax.transcript import Span
from trax.voice import Narrator, narrator
from trax.voice.pseudonyms import pseudonym
from trax.voice.selection import Selection
from trax.work.recordings import recording_file
from trax.work.values import Job
from trax.work.workspace import Workspace

LEAST_REFERENCE = 4.0
"""Seconds of speech that a reference must have."""

_LONGEST_REFERENCE = 15.0  # seconds that are listened to
_PAUSE = 0.3  # seconds


def narrators(
    workspace: Workspace, job: Job[RevoiceOptions], selection: Selection
) -> dict[str, Narrator]:
    """Who says the words of each speaker that is replaced, by label.

    Raises:
        NotFound: there is no such voice.
        InvalidOption: a reference has too little speech, or the language is not spoken.
        UnreadableAudio: a reference cannot be read.
    """
    found: dict[str, Narrator] = {}
    seed = seed_of(job.request.recording_sha256 or "", job.request.whose)
    for number, (label, name) in enumerate(sorted(selection.names.items())):
        replacement = _replacement_of(job.options, label, name)
        found[label] = narrator_of(workspace, replacement, selection.language, seed, number)
    return found


def seed_of(recording_sha256: str, whose: str) -> str:
    """What voices are made up from in a recording, for *whose* jobs."""
    return f"{recording_sha256} {whose}"


def narrator_of(
    workspace: Workspace, replacement: Replacement, language: str, seed: str, number: int
) -> Narrator:
    """Who says a speaker's words.

    Args:
        seed: of voices that are made up.
        number: of the speaker among those that are replaced, by label.

    Raises as `narrators` does.
    """
    if replacement.forgotten:
        raise InvalidOption("the voice was forgotten: choose another one")
    engines = workspace.engines.voices
    if replacement.reference:
        return narrator(engines, _reference(workspace, replacement.reference))
    if replacement.voice != ANONYMOUS:
        return narrator(engines, replacement.voice)
    voices = engines.synthesiser().voices
    return narrator(engines, pseudonym(voices, language, seed, number))


def reference_of(
    workspace: Workspace, job: Job[RevoiceOptions], label: str, name: str
) -> Waveform | None:
    """The recording of the voice that a speaker is given; ``None`` for a stock voice."""
    replacement = _replacement_of(job.options, label, name)
    return _reference(workspace, replacement.reference) if replacement.reference else None


def voice_name(job: Job[RevoiceOptions], label: str, name: str) -> str:
    """What the voice is called that a speaker is given."""
    replacement = _replacement_of(job.options, label, name)
    return replacement.voice or replacement.reference.rsplit("/", 1)[-1]


def consent_of(job: Job[RevoiceOptions], label: str, name: str) -> str:
    """How the person agreed whose voice a speaker is given; empty for a stock voice."""
    return _replacement_of(job.options, label, name).consent


def _replacement_of(options: RevoiceOptions, label: str, name: str) -> Replacement:
    wanted = (label.casefold(), name.casefold(), EVERYBODY)
    for each in options.replacements:
        if each.speaker.casefold() in wanted:
            return each
    raise InvalidOption(f"nobody said in which voice {name} is to speak")


def _reference(workspace: Workspace, place: str) -> Waveform:
    """The speech in a recording, without pauses, at its own sample rate and in one channel."""
    with (
        recording_file(workspace, place) as source,
        tempfile.TemporaryDirectory(dir=workspace.objects.scratch, prefix="voice-") as folder,
    ):
        spoken = Path(folder) / "audio.flac"
        decode_to_flac(source, spoken, workspace.limits)
        spans = voice_activity(StoredAudio.open(spoken)).spans(_PAUSE)
        found = probe(source, workspace.limits)
        master = decode_master(source, found, workspace.limits, Path(folder))
        rate = master.shape.sample_rate
        chosen = _first(spans)
        pieces = [master.read(round(x.start * rate), round(x.end * rate)) for x in chosen]
    seconds = sum(span.duration for span in chosen)
    if seconds < LEAST_REFERENCE:
        raise InvalidOption(
            f"{place.rsplit('/', 1)[-1]} has {seconds:.1f} s of speech; a reference needs "
            f"{LEAST_REFERENCE:g} s"
        )
    return Waveform(np.concatenate(pieces).mean(axis=1).astype(np.float32), rate)


def _first(spans: list[Span]) -> list[Span]:
    """The first spans, as much as is listened to."""
    found: list[Span] = []
    left = _LONGEST_REFERENCE
    for span in spans:
        if left <= 0:
            break
        found.append(Span(span.start, min(span.end, span.start + left)))
        left -= span.duration
    return found
