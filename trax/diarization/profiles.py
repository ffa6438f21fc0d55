"""Known voices: which profile, if any, a speaker's voice belongs to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trax.errors import InvalidOption

THRESHOLD = 0.62
"""Cosine from which a voice is taken for a profile's."""

LEAST_SPEECH = 2.0
"""Seconds that somebody must speak before their voice is looked up or stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceProfile:
    """What a known voice sounds like; never audio.

    Attributes:
        voice_model: model of the embedding; embeddings of different models are never compared.
        embedding: of any length.
        seconds: seconds of speech it was made from.
    """

    voice_model: str
    embedding: tuple[float, ...]
    seconds: float

    def with_more(self, other: "VoiceProfile") -> "VoiceProfile":
        """Both profiles as one, each weighted by its speech.

        Raises:
            InvalidOption: they were made by different models.
        """
        if self.voice_model != other.voice_model:
            raise InvalidOption(
                f"the voices were made by different models ({self.voice_model}, "
                f"{other.voice_model}): enroll again"
            )
        both = self.seconds * _unit(self.embedding) + other.seconds * _unit(other.embedding)
        joined = tuple(round(float(value), 6) for value in _unit(both))
        return VoiceProfile(
            voice_model=self.voice_model,
            embedding=joined,
            seconds=round(self.seconds + other.seconds, 3),
        )


def identify_speakers(
    voices: Mapping[str, VoiceProfile],
    profiles: Mapping[str, VoiceProfile],
) -> dict[str, tuple[str, float]]:
    """The profile of each speaker's voice, with the cosine; unknown speakers are left out.

    A profile goes to one speaker at most, the one who sounds most like it. Speakers with less than
    `LEAST_SPEECH` are not looked up.

    Args:
        voices: by speaker's label.
        profiles: by id.
    """
    ranked = sorted(_likeness(voices, profiles), key=lambda each: (-each[0], each[1], each[2]))
    found: dict[str, tuple[str, float]] = {}
    taken: set[str] = set()
    for cosine, label, profile in ranked:
        if cosine >= THRESHOLD and label not in found and profile not in taken:
            found[label] = profile, round(cosine, 3)
            taken.add(profile)
    return found


def likeness(one: VoiceProfile, other: VoiceProfile) -> float:
    """The cosine of two voices; -1 where they were made by different models."""
    if one.voice_model != other.voice_model:
        return -1.0
    return float(direction(one) @ direction(other))


def direction(voice: VoiceProfile) -> NDArray[np.float64]:
    """A voice's embedding with length 1: the product of two is their cosine."""
    return _unit(voice.embedding)


def _likeness(
    voices: Mapping[str, VoiceProfile],
    profiles: Mapping[str, VoiceProfile],
) -> Iterator[tuple[float, str, str]]:
    """The cosine of every pair that may be compared, with the speaker's label and the profile."""
    for label, voice in voices.items():
        if voice.seconds < LEAST_SPEECH:
            continue
        for known, profile in profiles.items():
            if voice.voice_model == profile.voice_model:
                yield likeness(voice, profile), label, known


def _unit(vector: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    values = np.asarray(vector, dtype=np.float64)
    return values / max(float(np.linalg.norm(values)), 1e-9)
