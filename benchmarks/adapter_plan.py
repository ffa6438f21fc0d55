"""What a plan reads with adapters, and at what cost."""

import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.adapter_examples import orders
from benchmarks.report import Row, write
from trax.adapters.card import AdapterCard
from trax.adapters.shelf import AdapterShelf, fingerprint_of
from trax.asr import RecognitionOptions
from trax.audio import Limits, StoredAudio
from trax.audio.decode import decode_to_flac
from trax.engines import LoadedEngines
from trax.models import Model
from trax.scoring.words import word_error_rate
from trax.settings import Settings
from trax.store import FolderStore
from trax.transcript import joined_text

_INSTALLED = "orders"


def balanced(models: str, *trained: str) -> None:
    """Read the reported orders as the plan ``balanced`` does, with and without adapters."""
    with TemporaryDirectory() as scratch:
        home = Path(scratch)
        settings = Settings(home=home, models_dir=Path(models), offline=True, device="cpu")
        shelf = AdapterShelf(FolderStore(home / "objects"))
        engines = LoadedEngines(settings, shelf)
        for base, folder in zip(("tiny.en", "base"), trained, strict=True):
            _install(shelf, engines.learner(base).model, Path(folder))
        rows = [_read_all(engines, adapter, home) for adapter in ("none", _INSTALLED)]
    write("adapters-balanced", rows, ["79 orders of domain/dev, each a recording of its own"])


def _install(shelf: AdapterShelf, model: Model, folder: Path) -> None:
    """Install the adapter in *folder* for a model."""
    matrices = (folder / "adapter.safetensors").read_bytes()
    card = AdapterCard(
        name=_INSTALLED,
        base=model.name,
        base_revision=model.revision,
        fingerprint=fingerprint_of(matrices),
        created_at=datetime.now(UTC),
    )
    shelf.put(card, matrices)


def _read_all(engines: LoadedEngines, adapter: str, home: Path) -> Row:
    """What is wrong in the reported orders, and what reading them costs without loading models."""
    options = RecognitionOptions(plan="balanced", language="en", adapter=adapter)
    recogniser = engines.recogniser(options)
    errors = words = 0
    spent = 0.0
    for at, (file, text, *_rest) in enumerate(orders("dev")):
        flac = home / "order.flac"
        decode_to_flac(file, flac, Limits())
        audio = StoredAudio.open(flac)
        began = time.process_time()
        found = recogniser.recognise(audio, options, lambda _share: None)
        spent += time.process_time() - began if at else 0.0
        said = [word for segment in found.segments for word in segment.words]
        rate = word_error_rate(text, joined_text(said), "en")
        errors += rate.errors
        words += rate.length
    wrong = round(100 * errors / words, 2)
    return {"adapters": adapter, "orders WER %": wrong, "CPU s": round(spent, 1)}
