"""How an adapter is trained, as data."""

from pydantic import BaseModel, ConfigDict, Field


class Recipe(BaseModel):
    """How an adapter is trained. The defaults are what served best on spoken orders."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Recipe")

    rank: int = Field(16, title="Rank", description="Of the LoRA matrices.", ge=1, le=128)
    targets: tuple[str, ...] = Field(
        ("q_proj", "v_proj"),
        title="Targets",
        description="Linear maps of each layer that learn.",
        min_length=1,
    )
    with_encoder: bool = Field(
        True, title="With the encoder", description="Whether the encoder learns, too."
    )
    dropout: float = Field(0.05, title="Dropout", description="Of LoRA's input.", ge=0, lt=1)
    learning_rate: float = Field(
        1e-3, title="Learning rate", description="At its highest.", gt=0, le=0.1
    )
    warm_up: float = Field(
        0.1, title="Warm-up", description="Share of the steps until that is reached.", ge=0, lt=1
    )
    rounds: float = Field(
        2.0, title="Rounds", description="How often each example is learnt from.", gt=0, le=100
    )
    least_steps: int = Field(
        40, title="Least steps", description="However few the examples are.", ge=1
    )
    most_steps: int = Field(
        4000, title="Most steps", description="However many the examples are.", ge=1
    )
    batch: int = Field(
        2, title="Batch", description="Windows of thirty seconds learnt from at once.", ge=1, le=64
    )
    replay: float = Field(
        0.5,
        title="Replay",
        description="Share of windows with general speech, against forgetting.",
        ge=0,
        lt=1,
    )
    hold: float = Field(
        10.0,
        title="Hold",
        description="How much a token of general speech counts beside one of the domain.",
        ge=0,
        le=1000,
    )
    seed: int = Field(0, title="Seed", description="Of everything that is drawn by lot.", ge=0)
