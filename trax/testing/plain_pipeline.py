"""The stock pyannote pipeline on packaged weights: what Trax is measured against, and a pipeline
that needs no token.

Segmentation is pyannote segmentation-3.0 (MIT), the embedding CAM++ (Apache-2.0), the clustering
VBx as in pyannote's community-1, over a PLDA trained for CAM++ on LibriSpeech (CC BY 4.0).
"""

import shutil
import uuid
from pathlib import Path

import yaml

from trax.diarization.voice_space import plda_folder

_LAYOUT = 1  # of the folder; a new one is built when this grows
_CONFIG = {
    "pipeline": {
        "name": "pyannote.audio.pipelines.SpeakerDiarization",
        "params": {
            "segmentation": "$model/segmentation",
            "segmentation_batch_size": 4,
            "embedding": "$model/embedding",
            "embedding_batch_size": 6,
            "embedding_exclude_overlap": True,
            "plda": "$model/plda",
            "clustering": "VBxClustering",
        },
    },
    "params": {
        "segmentation": {"min_duration_off": 0.0},
        "clustering": {"threshold": 0.6, "Fa": 0.07, "Fb": 0.8},
    },
}


def pipeline_folder(weights: Path) -> Path:
    """The folder that ``Pipeline.from_pretrained`` loads, built beside *weights* on first use.

    Args:
        weights: a folder with ``segmentation.bin`` and ``campplus.pt``, already verified.
    """
    folder = weights / f"pipeline-{_LAYOUT}"
    if not folder.is_dir():
        partial = weights / f"partial-{uuid.uuid4().hex}"
        _build(weights, partial)
        try:
            partial.rename(folder)
        except OSError:  # another process was first
            shutil.rmtree(partial)
    return folder


def _build(weights: Path, folder: Path) -> None:
    for part in ("segmentation", "embedding", "plda"):
        (folder / part).mkdir(parents=True)
    (folder / "config.yaml").write_text(yaml.safe_dump(_CONFIG))
    shutil.copyfile(weights / "segmentation.bin", folder / "segmentation" / "pytorch_model.bin")
    import torch

    torch.save(
        _embedding_checkpoint(weights / "campplus.pt"), folder / "embedding" / "pytorch_model.bin"
    )
    for file in plda_folder().iterdir():
        (folder / "plda" / file.name).write_bytes(file.read_bytes())


def _embedding_checkpoint(path: Path) -> dict[str, object]:
    """The published CAM++ weights as a checkpoint that pyannote can load."""
    from trax.models.torchaudio_import import ensure_torchaudio

    ensure_torchaudio()
    import torch

    from trax.diarization.campplus import CAMPlusPlus

    model = CAMPlusPlus()
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    checkpoint: dict[str, object] = {
        "state_dict": model.state_dict(),
        "hyper_parameters": dict(model.hparams),
        "pytorch-lightning_version": "2.0.0",
    }
    model.on_save_checkpoint(checkpoint)  # type: ignore[no-untyped-call]
    return checkpoint
