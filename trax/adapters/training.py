"""The training of an adapter from one end to the other, with breaks or without."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trax.adapters.batches import BatchMaker
from trax.adapters.examples import SpokenExamples
from trax.adapters.lora import LoraTraining
from trax.adapters.recipe import Recipe
from trax.adapters.whisper_torch import load_for_training
from trax.adapters.windows import Lot, planned_windows
from trax.errors import InvalidOption
from trax.models import Model
from trax.transcript.languages import ENGLISH

_SAVED_EVERY = 20  # steps
_SAVED_AFTER = 60.0  # seconds, where steps are slow
_SHOWN = 10  # steps whose mean loss is told


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a training stands.

    Attributes:
        step: how many are done.
        loss: mean of the last ten steps.
        seconds_left: as the steps of this process suggest; 0 before there were any.
    """

    step: int
    steps: int
    loss: float
    seconds_left: float


OnStep = Callable[[Standing], None]


@dataclass(frozen=True, slots=True, eq=False)
class TrainedLora:
    """What a training gives.

    Attributes:
        tensors: LoRA's matrices by peft's names.
        losses: one a step.
        seconds_a_step: of this process; 0 if nothing was left to do.
    """

    tensors: dict[str, NDArray[np.float32]]
    losses: tuple[float, ...]
    seconds_a_step: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a training runs.

    Attributes:
        device: ``cpu`` or ``cuda``.
        threads: on the CPU; another number may change the last bit of the result.
        saved: folder for what is needed to go on after a break.
    """

    device: str
    threads: int
    saved: Path


def train(
    base: Model, spoken: SpokenExamples, recipe: Recipe, place: Place, on_step: OnStep
) -> TrainedLora:
    """Train on the examples of the ``train`` part, or go on where an earlier process stopped.

    On a CPU the same data, recipe and threads give the same bytes, with breaks or without.

    Args:
        base: the recognition model that learns.
        on_step: called after each step; what it raises stops the training.

    Raises:
        MissingPart: what trains is not installed.
        InvalidOption: there is nothing to learn from.
    """
    domain = spoken.chosen("train", general=False)
    if not domain:
        raise InvalidOption("there is nothing to learn from: no speech with text is left")
    import_torch(place.threads)
    lots = planned_windows(domain, spoken.chosen("train", general=True), recipe)
    whisper = load_for_training(base.folder())
    mels = whisper.config.num_mel_bins
    is_multilingual = base.languages != {ENGLISH}
    maker = BatchMaker(base.folder(), mels, is_multilingual, spoken, recipe)
    training = LoraTraining(whisper, recipe, len(lots) // recipe.batch, place.device)
    training.restore(place.saved)
    seconds = _steps(training, maker, lots, recipe.batch, place.saved, on_step)
    return TrainedLora(training.tensors(), tuple(training.losses), seconds)


def import_torch(threads: int) -> None:
    """Import torch, and have it compute with so many threads."""
    import torch

    torch.set_num_threads(threads)


def _steps(
    training: LoraTraining,
    maker: BatchMaker,
    lots: list[Lot],
    batch: int,
    saved: Path,
    on_step: OnStep,
) -> float:
    """Make the steps that are left, and give the seconds that one took."""
    steps = len(lots) // batch
    first = len(training.losses)
    began = time.perf_counter()
    saved_at = began
    seconds = 0.0
    for step in range(first, steps):
        training.learn(maker.batch(lots[step * batch : (step + 1) * batch], step))
        now = time.perf_counter()
        if (step + 1) % _SAVED_EVERY == 0 or now - saved_at > _SAVED_AFTER:
            training.save(saved)
            saved_at = now
        seconds = (time.perf_counter() - began) / (step + 1 - first)
        loss = float(np.mean(training.losses[-_SHOWN:]))
        on_step(Standing(step + 1, steps, loss, seconds * (steps - step - 1)))
    return seconds
