"""What recognition is to do, as data: passes, ready plans, options."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Device = Literal["cpu", "cuda"]


class Reads(StrEnum):
    """What a pass reads."""

    ALL = "all"
    """All speech."""
    DOUBTFUL = "doubtful"
    """Windows of whose words so many are expected to be wrong that another reading pays."""
    UNCOVERED = "uncovered"
    """Speech for which no pass before has found a word."""


class Way(StrEnum):
    """How a pass reads."""

    WINDOWS = "windows"
    """Windows of up to twenty seconds, each on its own, many at once."""
    STRETCHES = "stretches"
    """Minutes at a time, each part with the text before it as context."""


class Pass(BaseModel):
    """One decoding."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Pass")

    models: tuple[str, ...] = Field(
        title="Models",
        description="Names that `trax models` lists, or folders; the first that is at hand and "
        "knows the "
        "language.",
        min_length=1,
    )
    reads: Reads = Field(
        Reads.ALL, title="Reads", description="All speech, doubtful windows, or uncovered speech."
    )
    way: Way = Field(
        Way.WINDOWS,
        title="Way",
        description="Windows, many at once; or stretches, with the text before as context.",
    )
    beam_size: int = Field(
        5,
        title="Beam size",
        description="Hypotheses kept while decoding; 1 is fastest.",
        ge=1,
        le=20,
    )
    batch_size: int = Field(
        0,
        title="Batch size",
        description="Windows decoded at once; 0 chooses by the memory that is free.",
        ge=0,
        le=64,
    )
    compute_type: str = Field(
        "",
        title="Arithmetic",
        description="CTranslate2's int8, int8_float16, float16…; empty takes the device's best.",
    )
    doubt: float = Field(
        0.12,
        title="Doubt",
        description="Share of wrong words that makes a window doubtful.",
        gt=0,
        lt=1,
    )


_SMALL: dict[Device, tuple[str, ...]] = {
    "cpu": ("distil-small.en", "tiny.en", "small", "base"),
    "cuda": ("distil-large-v3", "large-v3-turbo", "distil-small.en", "tiny.en", "small", "base"),
}
_LARGE: dict[Device, tuple[str, ...]] = {
    "cpu": ("distil-large-v3", "large-v3-turbo", "small", "base", "tiny.en"),
    "cuda": ("large-v3", "large-v3-turbo", "distil-large-v3", "small", "base", "tiny.en"),
}


def _fast(device: Device) -> tuple[Pass, ...]:
    return (
        Pass(models=_SMALL[device]),
        Pass(models=_SMALL[device], reads=Reads.UNCOVERED, way=Way.STRETCHES),
    )


def _balanced(device: Device) -> tuple[Pass, ...]:
    return (
        Pass(models=_SMALL[device], beam_size=1),
        Pass(models=_LARGE[device], reads=Reads.DOUBTFUL),
        Pass(models=_LARGE[device], reads=Reads.UNCOVERED, way=Way.STRETCHES),
    )


def _accurate(device: Device) -> tuple[Pass, ...]:
    return (
        Pass(models=_SMALL[device]),
        Pass(models=_LARGE[device]),
        Pass(models=_LARGE[device], way=Way.STRETCHES),
        Pass(models=_LARGE[device], reads=Reads.UNCOVERED, way=Way.STRETCHES),
    )


PLANS = {"fast": _fast, "balanced": _balanced, "accurate": _accurate}
"""The ready plans: a name to passes for a device."""


class RecognitionOptions(BaseModel):
    """How speech is turned into words."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Recognition")

    plan: Literal["fast", "balanced", "accurate"] = Field(
        "balanced",
        title="Plan",
        description="fast: one small model. balanced: a larger one reads again what is doubtful. "
        "accurate: all is read three times, and every word voted on.",
    )
    passes: tuple[Pass, ...] = Field(
        (), title="Passes", description="A plan of your own, in place of a ready one.", max_length=8
    )
    model: str = Field(
        "auto",
        title="Model",
        description="One model that reads all, in place of a plan: a name that `trax models` "
        "lists, or a "
        "folder with "
        "a CTranslate2 Whisper model. `auto` follows the plan.",
        min_length=1,
    )
    language: str | None = Field(
        None,
        title="Language",
        description="ISO 639-1 code such as en or de. Left empty, windows from all over the "
        "recording "
        "vote on it.",
        pattern="^[a-z]{2,3}$",
    )
    multilingual: bool = Field(
        False,
        title="Multilingual",
        description="Several languages are spoken: find the language of each window.",
    )
    beam_size: int | None = Field(
        None,
        title="Beam size",
        description="Hypotheses kept while decoding, in place of the plan's. 1 is fastest; 5 "
        "makes fewer "
        "mistakes.",
        ge=1,
        le=20,
    )
    prompt: str = Field(
        "",
        title="Prompt",
        description="Text in the style of what is said, such as a sentence with names that occur.",
        max_length=2000,
    )
    hotwords: tuple[str, ...] = Field(
        (),
        title="Hotwords",
        description="Names and terms that are likely to be said.",
        max_length=500,
    )

    @field_validator("language", mode="before")
    @classmethod
    def _auto_is_no_language(cls, language: object) -> object:
        return None if language in ("auto", "") else language

    @field_validator("hotwords")
    @classmethod
    def _hotwords_are_words(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))

    def chosen_passes(self, device: Device) -> tuple[Pass, ...]:
        """The passes to make on *device*: one by the model named, the user's own, or the ready
        plan's.
        """
        chosen = self.passes or PLANS[self.plan](device)
        if self.model != "auto":
            chosen = (
                Pass(models=(self.model,)),
                Pass(models=(self.model,), reads=Reads.UNCOVERED, way=Way.STRETCHES),
            )
        if self.beam_size is None:
            return chosen
        return tuple(each.model_copy(update={"beam_size": self.beam_size}) for each in chosen)
