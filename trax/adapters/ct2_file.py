"""CTranslate2's ``model.bin``: named variables, read and written as its `ModelSpec` does."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from trax.errors import InvalidDocument

_VERSION = 6
_BFLOAT16 = 5
_TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)
_SCALE = "_scale"

Array = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What a ``model.bin`` holds.

    Attributes:
        spec: CTranslate2's name for the kind of model, such as ``WhisperSpec``.
        revision: of that kind.
        variables: arrays by name, as they are stored; scalars have no dimension.
        aliases: names of variables that are stored under another name, with that name.
    """

    spec: str
    revision: int
    variables: Mapping[str, Array]
    aliases: Mapping[str, str]

    def matrix(self, name: str) -> NDArray[np.float32]:
        """The variable *name* in float32; int8 weights are multiplied out."""
        stored = self.variables[self.aliases.get(name, name)]
        values = stored.astype(np.float32)
        scale = self.variables.get(name + _SCALE)
        if scale is None:
            return values
        scales = scale.astype(np.float32)
        return values / scales.reshape(-1, *[1] * (values.ndim - 1))

    @property
    def is_quantized(self) -> bool:
        """Whether weights are stored as integers with scales."""
        return any(name.endswith("weight" + _SCALE) for name in self.variables)


def read_model_file(path: Path) -> ModelFile:
    """Read a ``model.bin``.

    Raises:
        InvalidDocument: it is none, or of a version that is not known.
    """
    try:
        with path.open("rb") as file:
            return _read(file)
    except (struct.error, ValueError, IndexError, UnicodeDecodeError) as error:
        raise InvalidDocument(str(path), f"it is no CTranslate2 model ({error})") from error


def write_model_file(path: Path, model: ModelFile) -> None:
    """Write *model* so that CTranslate2 loads it."""
    with path.open("wb") as file:
        file.write(struct.pack("<I", _VERSION))
        _write_text(file, model.spec)
        file.write(struct.pack("<II", model.revision, len(model.variables)))
        for name, values in model.variables.items():
            _write_variable(file, name, values)
        file.write(struct.pack("<I", len(model.aliases)))
        for alias, name in model.aliases.items():
            _write_text(file, alias)
            _write_text(file, name)


def quantized(values: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A weight in int8, and the scale of each of its rows, as CTranslate2's converter makes them.

    >>> whole, scale = quantized(np.array([[0.5, -1.0]], dtype=np.float32))
    >>> whole.tolist(), scale.tolist()
    ([[64, -127]], [127.0])
    """
    rows = values.reshape(len(values), -1)
    largest = np.abs(rows).max(axis=1)
    largest[largest == 0] = 127.0
    scale = (np.float32(127.0) / largest).astype(np.float32)
    whole = np.rint(rows * scale[:, None]).astype(np.int8)
    return whole.reshape(values.shape), scale


def _read(file: BinaryIO) -> ModelFile:
    (version,) = _numbers(file, "I")
    if version != _VERSION:
        raise ValueError(f"version {version}, not {_VERSION}")
    spec = _text(file)
    revision, count = _numbers(file, "II")
    variables = dict(_variable(file) for _ in range(count))
    (count,) = _numbers(file, "I")
    aliases = {}
    for _ in range(count):
        alias = _text(file)
        aliases[alias] = _text(file)
    return ModelFile(spec, revision, variables, aliases)


def _variable(file: BinaryIO) -> tuple[str, Array]:
    name = _text(file)
    (dimensions,) = _numbers(file, "B")
    shape = _numbers(file, f"{dimensions}I")
    kind, size = _numbers(file, "BI")
    data = file.read(size)
    if kind == _BFLOAT16:
        raise ValueError("its weights are bfloat16")
    return name, np.frombuffer(data, dtype=_TYPES[kind]).reshape(shape)


def _write_variable(file: BinaryIO, name: str, values: Array) -> None:
    _write_text(file, name)
    kind = next(at for at, each in enumerate(_TYPES) if values.dtype == each)
    file.write(struct.pack(f"<B{values.ndim}I", values.ndim, *values.shape))
    data = values.tobytes()
    file.write(struct.pack("<BI", kind, len(data)))
    file.write(data)


def _text(file: BinaryIO) -> str:
    (length,) = _numbers(file, "H")
    return file.read(length)[:-1].decode()


def _write_text(file: BinaryIO, text: str) -> None:
    data = text.encode() + b"\0"
    file.write(struct.pack("<H", len(data)))
    file.write(data)


def _numbers(file: BinaryIO, form: str) -> tuple[int, ...]:
    form = "<" + form
    return struct.unpack(form, file.read(struct.calcsize(form)))
