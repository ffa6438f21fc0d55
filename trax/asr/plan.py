"""What recognition does, as data: passes, ready-made plans, options."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from trax.transcript.languages import LANGUAGES, language_code, named_language

Device = Literal["cpu", "cuda"]


class Reads(StrEnum):
    """What a pass reads."""

    ALL = "all"
    """All speech."""
    DOUBTFUL = "doubtful"
    """Windows with enough words expected to be wrong for another reading to pay."""
    UNCOVERED = "uncovered"
    """Speech in which no earlier pass has found a word."""


class Way(StrEnum):
    """How a pass cuts up the speech that it reads."""

    WINDOWS = "windows"
    """Windows of up to 25 seconds, decoded independently and many at once."""
    STRETCHES = "stretches"
    """Minutes at a time, each part conditioned on the text before it."""


class Pass(BaseModel):
    """One decoding of the recording, or of part of it."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Pass")

    models: tuple[str, ...] = Field(
        title="Models",
        description="Models of the catalogue, or folders with one; the first that is available "
        "and covers the language is used.",
        min_length=1,
    )
    reads: Reads = Field(
        Reads.ALL, title="Reads", description="All speech, doubtful windows, or uncovered speech."
    )
    way: Way = Field(
        Way.WINDOWS,
        title="Way",
        description="Windows, many at once; or stretches, with the preceding text as context.",
    )
    beam_size: int = Field(
        5,
        title="Beam size",
        description="Hypotheses kept during beam search; 1 is fastest.",
        ge=1,
        le=20,
    )
    batch_size: int = Field(
        0,
        title="Batch size",
        description="Windows decoded at once; 0 chooses by free memory.",
        ge=0,
        le=64,
    )
    compute_type: str = Field(
        "",
        title="Arithmetic",
        description="CTranslate2's compute type, such as int8, int8_float16 or float16; empty "
        "takes the best for the device.",
    )
    doubt: float = Field(
        0.09,
        title="Doubt",
        description="Expected share of wrong words from which a window is doubtful.",
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
        Pass(models=_SMALL[device], reads=Reads.UNCOVERED),
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
"""The ready-made plans: by name, a function from a device to passes."""


def _unknown_language(text: str) -> str:
    named = named_language(text)
    if named is not None:
        return f"the code of {LANGUAGES[named]} is {named}"
    return f"no model knows a language with the code {text!r}; known are {', '.join(LANGUAGES)}"


class RecognitionOptions(BaseModel):
    """How speech is recognised."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Recognition")

    plan: Literal["fast", "balanced", "accurate"] = Field(
        "balanced",
        title="Plan",
        description="fast: one small model. balanced: a larger model decodes doubtful speech "
        "again. accurate: everything is decoded three times, and every word put to the vote.",
    )
    passes: tuple[Pass, ...] = Field(
        (),
        title="Passes",
        description="A plan of your own, in place of a ready-made one.",
        max_length=8,
    )
    model: str = Field(
        "auto",
        title="Model",
        description="One model for everything, in place of a plan: a model of the catalogue, or "
        "a folder with a CTranslate2 Whisper model. `auto` follows the plan.",
        min_length=1,
    )
    language: str | None = Field(
        None,
        title="Language",
        description="Code such as en, de-AT or zh_Hans. If empty, windows from all over the "
        "recording vote on it.",
    )
    multilingual: bool = Field(
        False,
        title="Multilingual",
        description="Several languages are spoken: detect the language of each window.",
    )
    beam_size: int | None = Field(
        None,
        title="Beam size",
        description="Hypotheses kept during beam search, in place of the plan's. 1 is fastest; "
        "5 makes fewer mistakes.",
        ge=1,
        le=20,
    )
    prompt: str = Field(
        "",
        title="Prompt",
        description="Text in the style of what is said, such as a sentence with the names that "
        "occur.",
        max_length=2000,
    )
    hotwords: tuple[str, ...] = Field(
        (),
        title="Hotwords",
        description="Names and terms that are likely to be said.",
        max_length=500,
    )

    adapter: str = Field(
        "auto",
        title="Adapter",
        description="A domain adapter to read with. `auto` takes the one whose domain the first "
        "pass suggests, if any is installed and the domain is clear; `none` takes none.",
        min_length=1,
        max_length=48,
        exclude_if=lambda name: name == "auto",  # what was chosen before there were any
    )

    @field_validator("language")
    @classmethod
    def _language_is_a_models(cls, language: str | None) -> str | None:
        """The code that models have for it; auto is none."""
        if language is None or language.strip().lower() in ("auto", ""):
            return None
        code = language_code(language)
        if code is None:
            raise ValueError(_unknown_language(language))
        return code

    @field_validator("hotwords")
    @classmethod
    def _hotwords_are_words(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        stripped = [word.strip() for word in words]
        return tuple(dict.fromkeys(word for word in stripped if word))

    def chosen_passes(self, device: Device) -> tuple[Pass, ...]:
        """The passes to make on *device*: the named model's, the user's, or the ready-made plan's.

        A beam size given here replaces that of every pass.
        """
        passes = self._planned_passes(device)
        if self.beam_size is None:
            return passes
        change = {"beam_size": self.beam_size}
        return tuple(each.model_copy(update=change) for each in passes)

    def _planned_passes(self, device: Device) -> tuple[Pass, ...]:
        if self.model == "auto":
            return self.passes or PLANS[self.plan](device)
        models = (self.model,)
        return (
            Pass(models=models),
            Pass(models=models, reads=Reads.UNCOVERED, way=Way.STRETCHES),
        )
