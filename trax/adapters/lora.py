"""LoRA matrices (Hu et al. 2021) on a Whisper model, by peft, and the step that trains them."""

import os
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trax.adapters.batches import UNCOUNTED, Batch
from trax.adapters.recipe import Recipe

_LARGEST_GRADIENT = 1.0
_DECAY = 0.01
_STEP_LOT = 5  # stream of random numbers
_STATE = "training.pt"

Tensors = Mapping[str, NDArray[np.float32]]


def scaling(recipe: Recipe) -> float:
    """By which the product of the matrices is multiplied."""
    return _alpha(recipe) / recipe.rank


def lora_config(recipe: Recipe) -> dict[str, Any]:
    """Peft's ``adapter_config.json`` for a recipe, without what peft adds of its own."""
    sides = "(encoder|decoder)" if recipe.with_encoder else "decoder"
    return {
        "peft_type": "LORA",
        "r": recipe.rank,
        "lora_alpha": _alpha(recipe),
        "lora_dropout": recipe.dropout,
        "target_modules": rf".*\.{sides}\..*\.({'|'.join(recipe.targets)})",
        "bias": "none",
    }


class LoraTraining:
    """A model with LoRA matrices, its optimiser, and what happened so far.

    Args:
        whisper: transformers' model; its own weights stay as they are.
        steps: of the whole training.
        device: ``cpu``, or ``cuda`` where steps are computed in bfloat16.

    Attributes:
        losses: one for each step that is done.
    """

    def __init__(self, whisper: Any, recipe: Recipe, steps: int, device: str) -> None:
        import torch
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(recipe.seed)
        config = lora_config(recipe)
        del config["peft_type"]
        self.model: Any = get_peft_model(whisper, LoraConfig(**config)).to(device).train()
        self.losses: list[float] = []
        self._recipe = recipe
        self._steps = steps
        self._device = device
        self._learnt = [each for each in self.model.parameters() if each.requires_grad]
        self._optimiser = torch.optim.AdamW(self._learnt, lr=0.0, weight_decay=_DECAY)

    def learn(self, batch: Batch) -> float:
        """Make one step, and give its loss."""
        import torch

        step = len(self.losses)
        torch.manual_seed(_seed(self._recipe.seed, step))
        for group in self._optimiser.param_groups:
            group["lr"] = learning_rate(self._recipe, step, self._steps)
        loss = self._loss(batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._learnt, _LARGEST_GRADIENT)
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        self.losses.append(float(loss.detach()))
        return self.losses[-1]

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """LoRA's matrices by peft's names."""
        from peft import get_peft_model_state_dict

        state = get_peft_model_state_dict(self.model)
        return {name: each.detach().float().cpu().numpy() for name, each in sorted(state.items())}

    def save(self, folder: Path) -> None:
        """Write all that is needed to go on; a process that dies leaves the former state."""
        import torch

        parts = {
            "losses": self.losses,
            "learnt": [each.detach() for each in self._learnt],
            "optimiser": self._optimiser.state_dict(),
        }
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{_STATE}.{os.getpid()}"
        torch.save(parts, part)
        part.replace(folder / _STATE)

    def restore(self, folder: Path) -> None:
        """Go on from what `save` wrote, if it is there and whole."""
        import torch

        try:
            parts = torch.load(folder / _STATE, map_location=self._device, weights_only=True)
        except (OSError, RuntimeError, ValueError, EOFError, UnpicklingError):
            return
        with torch.no_grad():
            for own, kept in zip(self._learnt, parts["learnt"], strict=True):
                own.copy_(kept)
        self._optimiser.load_state_dict(parts["optimiser"])
        self.losses = list(parts["losses"])

    def _loss(self, batch: Batch) -> Any:
        """The mean over tokens: of the domain how unlikely each is, of general speech how far its
        probabilities are from those without the adapter (Li and Hoiem 2016, learning without
        forgetting).
        """
        import torch

        arrays = (batch.features, batch.given, batch.wanted, batch.is_general)
        features, given, wanted, general = (
            torch.from_numpy(each).to(self._device) for each in arrays
        )
        logits = self._logits(features, given)
        losses = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), wanted.flatten(), ignore_index=UNCOUNTED, reduction="none"
        ).view_as(wanted)
        if batch.is_general.any():
            with torch.no_grad(), self.model.disable_adapter():
                before = self._logits(features[general], given[general])
            change = torch.nn.functional.kl_div(
                logits[general].log_softmax(-1),
                before.log_softmax(-1),
                reduction="none",
                log_target=True,
            )
            counted = wanted[general] != UNCOUNTED
            losses[general] = self._recipe.hold * change.sum(-1) * counted
        return losses.sum() / (wanted != UNCOUNTED).sum()

    def _logits(self, features: Any, given: Any) -> Any:
        import torch

        with torch.autocast(self._device, torch.bfloat16, enabled=self._device != "cpu"):
            logits = self.model(input_features=features, decoder_input_ids=given).logits
        return logits.float()


def _alpha(recipe: Recipe) -> int:
    return 2 * recipe.rank


def learning_rate(recipe: Recipe, step: int, steps: int) -> float:
    """Rises during the warm-up, and falls evenly to nothing at the end."""
    warm = max(1, round(recipe.warm_up * steps))
    rising = (step + 1) / warm
    falling = (steps - step) / max(1, steps - warm)
    return recipe.learning_rate * min(1.0, rising, falling)


def _seed(seed: int, step: int) -> int:
    sequence = np.random.SeedSequence([seed, _STEP_LOT, step])
    return int(sequence.generate_state(1)[0])
