"""What is known of an adapter: where it comes from, what it was judged to be worth."""

import re
from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, field_validator

from trax.adapters.recipe import Recipe
from trax.errors import InvalidOption

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,47}")
RESERVED = frozenset(("auto", "none"))
"""What no adapter may be called: it means something where one is chosen."""


class Reading(BaseModel):
    """How well speech was read in one way.

    Attributes:
        errors: words that were wrong, missing or too many.
        words: that were said.
        terms_right: how many of the domain's terms were found.
        terms_said: how many there were.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    errors: int
    words: int
    terms_right: int = 0
    terms_said: int = 0

    @property
    def rate(self) -> float:
        """Word error rate."""
        return self.errors / self.words if self.words else 0.0


class Interval(BaseModel):
    """A difference of word error rates with its 95 % interval; positive is better."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float
    low: float
    high: float


class Sample(BaseModel):
    """One example before and after."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    said: str
    before: str
    after: str


class CurvePoint(BaseModel):
    """The word error rate with a share of the examples."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: float
    seconds: float
    rate: float


class StrengthPoint(BaseModel):
    """The word error rate on general speech with a share of an adapter's change."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    strength: float
    rate: float


class Judgement(BaseModel):
    """What an adapter is worth on speech that it has not learnt from.

    Attributes:
        domain: by how it was read: ``base``, ``adapter``, ``hotwords`` and ``prompt``, which is
            what one could do without an adapter.
        general: likewise, of general speech: ``base`` and ``adapter``.
        gain: of the adapter over the base, on the domain.
        loss: of general speech, as a difference of word error rates; ``None`` if there was none to
            judge by.
        curve: what less data would have brought.
        samples: examples that the adapter changed.
        confidence: calibration error of word confidence with the base and with the adapter.
        strength: by which the adapter's change of the weights is multiplied: the most of some at
            which general speech is kept, or 1.
        strengths: what was tried to find that.
        refusals: why it is not installed; empty if it may be.
        warnings: what else should be known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    domain: Mapping[str, Reading]
    general: Mapping[str, Reading] = {}
    gain: Interval
    loss: float | None = None
    curve: tuple[CurvePoint, ...] = ()
    samples: tuple[Sample, ...] = ()
    confidence: Mapping[str, float] = {}
    strength: float = 1.0
    strengths: tuple[StrengthPoint, ...] = ()
    refusals: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @field_validator("domain")
    @classmethod
    def _domain_was_read_both_ways(cls, domain: Mapping[str, Reading]) -> Mapping[str, Reading]:
        if not {"base", "adapter"} <= domain.keys():
            raise ValueError("it was not read both with and without the adapter")
        return domain


class AdapterCard(BaseModel):
    """What is known of one adapter for one base model.

    Attributes:
        name: what people call it; there may be one of that name for each base model.
        account: whose it is; empty if everybody may read with it.
        folder_id: the folder in which it is shared; ``None`` if it is in none.
        version: grows with each that is installed under the name for the base.
        base: name of the model that it is for.
        base_revision: identifies that model's weights.
        fingerprint: the first digits of the SHA-256 of its matrices.
        description: of the domain, in a sentence.
        passages: typical for the domain; speech like them is read with the adapter.
        language: of its speech.
        licence: under which it may be passed on.
        recordings: SHA-256 of the recordings that it has learnt from, general speech among them,
            with their names.
        seconds: of speech that it has learnt from.
        scaling: by which the product of its matrices is multiplied.
        size_bytes: of its matrices.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    account: str = ""
    folder_id: str | None = None
    version: int = 1
    base: str
    base_revision: str
    fingerprint: str
    description: str = ""
    passages: tuple[str, ...] = ()
    language: str = "en"
    licence: str = ""
    recordings: Mapping[str, str] = {}
    seconds: float = 0.0
    scaling: float = 2.0
    size_bytes: int = 0
    recipe: Recipe = Recipe()
    losses: tuple[float, ...] = Field((), repr=False)
    judgement: Judgement | None = None
    created_at: datetime

    @property
    def identity(self) -> str:
        """Name, version and fingerprint: part of what decides words."""
        return f"{self.name}-{self.version}@{self.fingerprint}"


def checked_name(name: str) -> str:
    """*name*, if an adapter may be called so.

    Raises:
        InvalidOption: it may not.
    """
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise InvalidOption(
            f"an adapter cannot be called {name!r}: small letters, digits, dots, dashes and "
            "underscores are allowed, and neither auto nor none"
        )
    return name
