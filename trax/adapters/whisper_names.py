"""Which variable of CTranslate2's Whisper holds which weight of transformers'."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trax.adapters.ct2_file import ModelFile

_FUSED = {
    "self_attention/linear_0": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "self_attention/linear_1": ("self_attn.out_proj",),
    "attention/linear_0": ("encoder_attn.q_proj",),
    "attention/linear_1": ("encoder_attn.k_proj", "encoder_attn.v_proj"),
    "attention/linear_2": ("encoder_attn.out_proj",),
    "ffn/linear_0": ("fc1",),
    "ffn/linear_1": ("fc2",),
}
"""Linear maps of a layer; those that CTranslate2 keeps in one matrix, in the order of its rows."""

_NORMS = {
    "self_attention/layer_norm": "self_attn_layer_norm",
    "attention/layer_norm": "encoder_attn_layer_norm",
    "ffn/layer_norm": "final_layer_norm",
}
_WITHOUT_BIAS = "k_proj"


@dataclass(frozen=True, slots=True)
class Rows:
    """Where a linear map of transformers' lies: some rows of a variable.

    Attributes:
        variable: its name without ``/weight``.
        part: which of *parts* equal parts of the rows.
    """

    variable: str
    part: int
    parts: int

    def of(self, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        """These rows of the whole variable, as a view."""
        size = len(matrix) // self.parts
        return matrix[self.part * size : (self.part + 1) * size]


def linear_maps(model: ModelFile) -> dict[str, Rows]:
    """Every linear map of the layers, by its name in transformers, such as
    ``model.decoder.layers.0.encoder_attn.q_proj``.
    """
    found = {}
    for side, layer in _layers(model):
        for ending, names in _FUSED.items():
            variable = f"{side}/layer_{layer}/{ending}"
            if f"{variable}/weight" not in model.variables:
                continue
            for part, name in enumerate(names):
                rows = Rows(variable, part, len(names))
                found[f"model.{side}.layers.{layer}.{name}"] = rows
    return found


def transformers_state(model: ModelFile) -> dict[str, NDArray[np.float32]]:
    """All weights in float32 by their names in transformers' `WhisperForConditionalGeneration`."""
    state = dict(_outside_layers(model))
    for name, rows in linear_maps(model).items():
        state[f"{name}.weight"] = rows.of(model.matrix(f"{rows.variable}/weight"))
        if not name.endswith(_WITHOUT_BIAS):
            state[f"{name}.bias"] = rows.of(model.matrix(f"{rows.variable}/bias"))
    for side, layer in _layers(model):
        for ending, name in _NORMS.items():
            variable = f"{side}/layer_{layer}/{ending}"
            if f"{variable}/gamma" in model.variables:
                state |= _norm(model, variable, f"model.{side}.layers.{layer}.{name}")
    return state


def layer_count(model: ModelFile, side: str) -> int:
    """How many layers the ``encoder`` or ``decoder`` has."""
    return sum(1 for each, _layer in _layers(model) if each == side)


def _layers(model: ModelFile) -> Iterator[tuple[str, int]]:
    for side in ("encoder", "decoder"):
        layer = 0
        while f"{side}/layer_{layer}/ffn/linear_0/weight" in model.variables:
            yield side, layer
            layer += 1


def _outside_layers(model: ModelFile) -> Iterator[tuple[str, NDArray[np.float32]]]:
    for name in ("conv1", "conv2"):
        for kind in ("weight", "bias"):
            yield f"model.encoder.{name}.{kind}", model.matrix(f"encoder/{name}/{kind}")
    for side in ("encoder", "decoder"):
        places = model.matrix(f"{side}/position_encodings/encodings")
        yield f"model.{side}.embed_positions.weight", places
        yield from _norm(model, f"{side}/layer_norm", f"model.{side}.layer_norm").items()
    embeddings = model.matrix("decoder/embeddings/weight")
    yield "model.decoder.embed_tokens.weight", embeddings
    yield "proj_out.weight", embeddings


def _norm(model: ModelFile, variable: str, name: str) -> Mapping[str, NDArray[np.float32]]:
    return {
        f"{name}.weight": model.matrix(f"{variable}/gamma"),
        f"{name}.bias": model.matrix(f"{variable}/beta"),
    }
