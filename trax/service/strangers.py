"""Unknown voices of all transcripts, grouped by whose they seem to be."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trax.diarization.profiles import (
    LEAST_SPEECH,
    THRESHOLD,
    VoiceProfile,
    direction,
    likeness,
)
from trax.errors import InvalidDocument
from trax.stages.voices import Voices, voice_of, voices_key
from trax.store import Sight
from trax.store.sight import may
from trax.transcript import Segment, Transcript
from trax.transcript.codec import from_json
from trax.work.workspace import Workspace

MOST = 300
"""Transcripts that are looked through, the newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """Somebody unknown in a transcript.

    Attributes:
        transcript: its id.
        recording: its recording's name.
        label: of the speaker there.
        name: that is shown for them there.
        seconds: that they speak there.
        start: when their longest segment begins.
        end: when it ends.
    """

    transcript: str
    recording: str
    label: str
    name: str
    seconds: float
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A voice that nobody has named.

    Attributes:
        appearances: where it is heard, the longest first; once in a transcript at most.
        voice: what it sounds like.
        resembles: the known voice that it is taken for by now; empty if it is like none.
    """

    appearances: tuple[Appearance, ...]
    voice: VoiceProfile
    resembles: str = ""

    @property
    def seconds(self) -> float:
        """That it speaks in all of them."""
        return sum(each.seconds for each in self.appearances)


def strangers(workspace: Workspace, sight: Sight) -> list[Stranger]:
    """Unknown voices of the newest `MOST` transcripts that are seen, by how much they say; those of
    transcripts that may not be changed are left out, for they could not be named there.

    Speakers of one transcript are different people; those of several are the same person from the
    similarity on from which known voices are recognised. Whoever speaks for less than
    `LEAST_SPEECH` is left out.
    """
    heard = sorted(_unknown(workspace, sight), key=lambda each: -each.seconds)
    found = _grouped(heard)
    known = {profile.name: voice_of(profile) for profile in workspace.profiles.all()}
    named = [replace(each, resembles=_nearest(each.voice, known)) for each in found]
    return sorted(named, key=lambda each: -each.seconds)


def _grouped(heard: Iterable[Stranger]) -> list[Stranger]:
    """Voices, each with the one before it that it is most like, or as another one."""
    found: list[Stranger] = []
    directions: list[NDArray[np.float64]] = []
    for one in heard:
        its = direction(one.voice)
        likest = max(_alike(found, directions, one, its), default=None)
        if likest is None:
            found.append(one)
            directions.append(its)
            continue
        _cosine, at = likest
        found[at] = Stranger(
            appearances=(*found[at].appearances, *one.appearances),
            voice=found[at].voice.with_more(one.voice),
        )
        directions[at] = direction(found[at].voice)
    return found


def _alike(
    found: Sequence[Stranger],
    directions: Sequence[NDArray[np.float64]],
    one: Stranger,
    its: NDArray[np.float64],
) -> Iterator[tuple[float, int]]:
    """Voices of other transcripts that are like one: the cosine, and which it is."""
    (here,) = one.appearances
    for at, (each, other) in enumerate(zip(found, directions, strict=True)):
        if each.voice.voice_model != one.voice.voice_model:
            continue
        cosine = float(other @ its)
        is_elsewhere = all(there.transcript != here.transcript for there in each.appearances)
        if cosine >= THRESHOLD and is_elsewhere:
            yield cosine, at


def _nearest(voice: VoiceProfile, known: dict[str, VoiceProfile]) -> str:
    ranked = sorted((-likeness(voice, each), name) for name, each in known.items())
    return ranked[0][1] if ranked and -ranked[0][0] >= THRESHOLD else ""


def _unknown(workspace: Workspace, sight: Sight) -> Iterator[Stranger]:
    """Everybody whom no known voice names, by themselves."""
    for summary in workspace.repository.summaries(MOST, sight=sight):
        voices = _voices(workspace, summary.id)
        role = workspace.folders.role_in_transcript(summary.id, sight)
        if not voices or not may(role, "editor"):
            continue
        document = workspace.repository.get(summary.id)
        for speaker in document.speakers:
            voice = voices.get(speaker.label)
            spoken = [each for each in document.segments if each.speaker == speaker.label]
            if speaker.voice or voice is None or voice.seconds < LEAST_SPEECH or not spoken:
                continue
            seen = _appearance(document, speaker.label, spoken, voice.seconds)
            yield Stranger(appearances=(seen,), voice=voice)


def _voices(workspace: Workspace, transcript: str) -> dict[str, VoiceProfile]:
    """By label; none where they are not kept, or cannot be read."""
    kept = workspace.objects.read(voices_key(transcript))
    try:
        return from_json(Voices, kept, "voices").voices if kept else {}
    except InvalidDocument:
        return {}


def _appearance(
    document: Transcript, label: str, spoken: Sequence[Segment], seconds: float
) -> Appearance:
    longest = max(spoken, key=lambda each: each.duration)
    return Appearance(
        transcript=document.id,
        recording=document.recording.name,
        label=label,
        name=document.display_name(label),
        seconds=seconds,
        start=longest.start,
        end=longest.end,
    )
