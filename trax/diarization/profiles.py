"""Known voices: whose voice a speaker has, or nobody's that is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trax.errors import InvalidOption

THRESHOLD = 0.62
"""Cosine from which on a voice is taken for a profile's."""

LEAST_SPEECH = 2.0
"""Seconds that somebody must speak before their voice is looked up or kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceProfile:
    """What a known voice sounds like: never audio.

    Attributes:
        voice_model: of the embedding; with another one's it is never compared.
        embedding: of any length.
        seconds: of speech that it was made from.
    """

    voice_model: str
    embedding: tuple[float, ...]
    seconds: float

    def with_more(self, other: "VoiceProfile") -> "VoiceProfile":
        """Both as one, each weighing as much as its speech.

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


def recognised(
    voices: Mapping[str, VoiceProfile], profiles: Mapping[str, VoiceProfile]
) -> dict[str, tuple[str, float]]:
    """The profile of each speaker's voice, with the cosine; speakers whom nobody knows are left
    out.

    A profile is given to one speaker at most, the one who sounds most like it; people who speak for
    less than `LEAST_SPEECH` are not looked up.

    Args:
        voices: by speaker's label.
        profiles: by id.
    """
    likeness = sorted(
        (
            (float(_unit(voice.embedding) @ _unit(profile.embedding)), label, known)
            for label, voice in voices.items()
            for known, profile in profiles.items()
            if voice.voice_model == profile.voice_model and voice.seconds >= LEAST_SPEECH
        ),
        key=lambda each: (-each[0], each[1], each[2]),
    )
    found: dict[str, tuple[str, float]] = {}
    taken: set[str] = set()
    for cosine, label, known in likeness:
        if cosine >= THRESHOLD and label not in found and known not in taken:
            found[label] = known, round(cosine, 3)
            taken.add(known)
    return found


def _unit(vector: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    values = np.asarray(vector, dtype=np.float64)
    return values / max(float(np.linalg.norm(values)), 1e-9)
