"""The training of adapters for the benchmarks."""

import json
import resource
import time
from pathlib import Path

from benchmarks.adapter_examples import own_words
from benchmarks.adapter_weights import model_in
from trax.adapters.recipe import Recipe
from trax.adapters.shelf import to_safetensors
from trax.adapters.training import Place, Standing, train


def train_on(data: str, weights: str, out: str, recipe: str = "{}") -> None:
    """Train, print each step, and leave matrices and figures in *out*."""
    import torch

    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    chosen = Recipe.model_validate_json(recipe)
    model = model_in(weights)
    spoken = own_words(model, Path(data), folder)
    place = Place(device, torch.get_num_threads(), folder / "saved")
    began = time.perf_counter()

    def on_step(standing: Standing) -> None:
        print(f"{standing.step}/{standing.steps} loss {standing.loss:.3f}", flush=True)

    trained = train(model, spoken, chosen, place, on_step)
    (folder / "adapter.safetensors").write_bytes(to_safetensors(trained.tensors))
    figures = {
        "recipe": chosen.model_dump(mode="json"),
        "device": device,
        "steps": len(trained.losses),
        "seconds": round(time.perf_counter() - began, 1),
        "seconds_a_step": round(trained.seconds_a_step, 3),
        "cpu_seconds": round(time.process_time(), 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "device_peak_mb": torch.cuda.max_memory_allocated() >> 20 if device == "cuda" else 0,
        "losses": [round(loss, 4) for loss in trained.losses],
    }
    (folder / "training.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps({name: each for name, each in figures.items() if name != "losses"}))
