"""Models that adapters of the benchmarks are for, and how they decode."""

from pathlib import Path

from trax.asr.engine import Decoder
from trax.asr.whisper import Placement, WhisperDecoder, load_whisper
from trax.models import Kind, Model, ModelFinder


def model_in(weights: str) -> Model:
    """The CTranslate2 Whisper model in a folder."""
    return ModelFinder(Path(weights).parent, offline=True).find(weights, Kind.RECOGNITION)


def name_of(weights: str) -> str:
    """The model's name; folders of packaged weights end with their digest."""
    return Path(weights).name.partition("-")[0]


def placement(compute_type: str = "int8") -> Placement:
    """One thread of the processor."""
    return Placement("cpu", compute_type, 1)


def decoder_of(model: Model) -> Decoder:
    """Decodes without an adapter."""
    whisper = load_whisper(model, placement())
    return WhisperDecoder(model, placement(), lambda: whisper)
