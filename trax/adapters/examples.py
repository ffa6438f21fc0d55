"""Speech with its text, as adapters are trained and judged on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, TypeAdapter

from trax.audio import SAMPLE_RATE

LONGEST = 28.0
"""Seconds that an example may have: models read thirty at once, and there is a pause around."""

_FULL_SCALE = 32767


class Example(BaseModel):
    """A stretch of speech with what is said in it.

    Attributes:
        text: what is said.
        source: the recording's name.
        digest: SHA-256 of the recording.
        start: seconds in the recording.
        end: seconds in the recording.
        speaker: who says it, if known; the recording stands for them if not.
        language: the model's code for it.
        terms: what matters of the text, such as names; empty if nobody says so.
        part: ``train`` or ``judge``.
        is_general: whether it is general speech, against forgetting, not the domain's.
        first_sample: where it begins in the sound of all examples.
        samples: its length, at 16 kHz.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    source: str
    digest: str = ""
    start: float = 0.0
    end: float = 0.0
    speaker: str = ""
    language: str = "en"
    terms: tuple[str, ...] = ()
    part: str = "train"
    is_general: bool = False
    first_sample: int = 0
    samples: int = 0

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.samples / SAMPLE_RATE

    @property
    def place(self) -> str:
        """Where it comes from, for people."""
        return f"{self.source} at {self.start:.1f} s" if self.start else self.source


_LIST = TypeAdapter(list[Example])


@dataclass(frozen=True, slots=True, eq=False)
class SpokenExamples:
    """Examples, and the sound of all of them.

    Attributes:
        sound: int16, mono at 16 kHz, one example after the other.
    """

    examples: tuple[Example, ...]
    sound: NDArray[np.int16]

    def samples(self, example: Example) -> NDArray[np.float32]:
        """The sound of one example, float32 in [-1, 1]."""
        end = example.first_sample + example.samples
        part = self.sound[example.first_sample : end]
        return part.astype(np.float32) / np.float32(_FULL_SCALE)

    def chosen(self, part: str, *, general: bool) -> tuple[Example, ...]:
        """Examples of the ``train`` or ``judge`` part, of the domain or of general speech."""
        of_part = [each for each in self.examples if each.part == part]
        return tuple(each for each in of_part if each.is_general is general)

    def with_examples(self, examples: Sequence[Example]) -> "SpokenExamples":
        """Other examples of the same sound."""
        return SpokenExamples(tuple(examples), self.sound)


def as_int16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Sound in [-1, 1] as whole numbers."""
    return np.rint(np.clip(samples, -1.0, 1.0) * _FULL_SCALE).astype(np.int16)


def write_examples(spoken: SpokenExamples, folder: Path) -> dict[str, Path]:
    """Write ``examples.json`` and ``sound.npy`` into *folder*, and give their paths by name."""
    examples = folder / "examples.json"
    sound = folder / "sound.npy"
    examples.write_bytes(_LIST.dump_json(list(spoken.examples), indent=1))
    np.save(sound, spoken.sound)
    return {examples.name: examples, sound.name: sound}


def read_examples(examples: Path, sound: Path) -> SpokenExamples:
    """What `write_examples` wrote; the sound stays on disk until it is used."""
    found = _LIST.validate_json(examples.read_bytes())
    return SpokenExamples(tuple(found), np.load(sound, mmap_mode="r"))
