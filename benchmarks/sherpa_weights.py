"""The packaged weights as sherpa-onnx needs them; needs the package onnx."""

from pathlib import Path
from typing import Any

from trax.engines import diarization_model
from trax.settings import load_settings


def export(folder: Path) -> tuple[Path, Path]:
    """Write segmentation and embedding to *folder*; gives their paths."""
    import onnx
    import torch

    from trax.diarization.networks import Networks

    networks = Networks(diarization_model(load_settings(), "packaged").folder(), "cpu", 1)
    segmentation, embedding = folder / "segmentation.onnx", folder / "embedding.onnx"
    common: dict[str, Any] = {
        "opset_version": 17,
        "dynamo": False,
        "input_names": ["x"],
        "output_names": ["y"],
    }
    torch.onnx.export(
        networks._segmentation,
        (torch.zeros(1, 1, 160_000),),
        str(segmentation),
        dynamic_axes={"x": {0: "N", 2: "T"}, "y": {0: "N", 1: "T"}},
        **common,
    )

    class Embedding(torch.nn.Module):
        """Features to voices, without the cutting that Trax does before."""

        def __init__(self) -> None:
            super().__init__()
            self.head, self.xvector = networks._embedding.head, networks._embedding.xvector

        def forward(self, features: Any) -> Any:
            return self.xvector(self.head(features.transpose(1, 2)))[:, :, 0]

    network = Embedding().eval()
    axes = {"x": {0: "N", 1: "T"}, "y": {0: "N"}}
    torch.onnx.export(
        network, (torch.zeros(1, 300, 80),), str(embedding), dynamic_axes=axes, **common
    )
    facts: dict[Path, dict[str, str | int]] = {
        segmentation: {
            "model_type": "pyannote-segmentation-3.0",
            "window_size": 160_000,
            "window_shift": 16_000,
            "receptive_field_size": 991,
            "receptive_field_shift": 270,
            "num_speakers": 3,
            "powerset_max_classes": 2,
            "num_classes": 7,
        },
        embedding: {
            "framework": "3d-speaker",
            "language": "any",
            "output_dim": 192,
            "normalize_samples": 1,
            "feature_normalize_type": "global-mean",
        },
    }
    for path, about in facts.items():
        model = onnx.load(str(path))
        onnx.helper.set_model_props(
            model, {name: str(value) for name, value in (about | {"sample_rate": 16_000}).items()}
        )
        onnx.save(model, str(path))
    return segmentation, embedding
