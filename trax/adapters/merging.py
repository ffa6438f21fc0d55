"""LoRA matrices added to the weights of a CTranslate2 model, in its own file format.

Neither torch nor transformers is needed: whoever only recognises with an adapter installs nothing
more than before.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trax.adapters.ct2_file import Array, ModelFile, quantized
from trax.adapters.whisper_names import linear_maps
from trax.errors import InvalidDocument

_PREFIX = "base_model.model."
_DOWN, _UP = ".lora_A.weight", ".lora_B.weight"

Tensors = Mapping[str, NDArray[np.float32]]


def merged(base: ModelFile, tensors: Tensors, scaling: float) -> ModelFile:
    """The model with each matrix's LoRA product, times *scaling*, added to it.

    What LoRA does not touch stays as it is stored; int8 weights that it touches are rounded again.

    Raises:
        InvalidDocument: the matrices do not fit the model.
    """
    maps = linear_maps(base)
    changed: dict[str, NDArray[np.float32]] = {}
    for name, change in _changes(tensors, scaling).items():
        rows = maps.get(name)
        if rows is None:
            raise InvalidDocument("the adapter", f"the model has no {name}")
        variable = f"{rows.variable}/weight"
        whole = changed.setdefault(variable, base.matrix(variable).copy())
        part = rows.of(whole)
        if part.shape != change.shape:
            raise InvalidDocument("the adapter", f"{name} has another size in the model")
        part += change
    variables = dict(base.variables)
    for variable, values in changed.items():
        variables |= _stored_like(base, variable, values)
    return replace(base, variables=variables)


def in_int8(model: ModelFile) -> ModelFile:
    """The model with its matrices in int8 and all else in float32, as CTranslate2 converts one."""
    if model.is_quantized:
        return model
    variables: dict[str, Array] = {}
    for name, values in model.variables.items():
        if name.endswith("weight") and values.ndim > 1:
            whole, scale = quantized(values.astype(np.float32))
            variables[name] = whole
            variables[f"{name}_scale"] = scale
        elif values.dtype == np.float16:
            variables[name] = values.astype(np.float32)
        else:
            variables[name] = values
    return replace(model, variables=variables)


def _changes(tensors: Tensors, scaling: float) -> dict[str, NDArray[np.float32]]:
    """What is added to each linear map, by its name in transformers."""
    found = {}
    for name, down in tensors.items():
        if not name.endswith(_DOWN):
            continue
        linear = name.removesuffix(_DOWN)
        try:
            up = tensors[linear + _UP]
        except KeyError as error:
            raise InvalidDocument("the adapter", f"half of {linear} is missing") from error
        try:
            found[linear.removeprefix(_PREFIX)] = np.float32(scaling) * (up @ down)
        except ValueError as error:
            raise InvalidDocument("the adapter", f"the halves of {linear} do not fit") from error
    if not found:
        raise InvalidDocument("the adapter", "it has no LoRA matrices")
    return found


def _stored_like(base: ModelFile, variable: str, values: NDArray[np.float32]) -> dict[str, Array]:
    kind = base.variables[variable].dtype
    if kind != np.int8:
        return {variable: values.astype(kind)}
    whole, scale = quantized(values)
    return {variable: whole, f"{variable}_scale": scale}
