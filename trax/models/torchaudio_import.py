"""Lets packages import torchaudio even if torchaudio's compiled part does not load.

The torchaudio wheel of the public index links CUDA libraries, so its import fails beside a CPU
build of torch. All that is used of it (resampling, Kaldi features) is Python. If torchaudio imports
normally, nothing is changed.
"""

import importlib
import sys
from pickle import UnpicklingError
from types import ModuleType

LOADING_ERRORS = (
    UnpicklingError,
    OSError,
    ImportError,
    LookupError,
    RuntimeError,
    ValueError,
    AttributeError,
    TypeError,
)
"""What torch and pyannote.audio raise when files hold no valid model."""


def ensure_torchaudio() -> None:
    """Import torchaudio, without its compiled extension if that does not load."""
    try:
        importlib.import_module("torchaudio")
    except (ImportError, OSError, RuntimeError):
        _forget("torchaudio")
        sys.modules["torchaudio._extension"] = _stand_in()
        importlib.import_module("torchaudio")


def _forget(package: str) -> None:
    """Remove a half-imported package."""
    for name in list(sys.modules):
        if name.partition(".")[0] == package:
            del sys.modules[name]


def _stand_in() -> ModuleType:
    """What the rest of torchaudio uses of its extension, reporting that there is none."""
    module = ModuleType("torchaudio._extension")
    for flag in ("_IS_TORCHAUDIO_EXT_AVAILABLE", "_IS_ALIGN_AVAILABLE", "_IS_RIR_AVAILABLE"):
        setattr(module, flag, False)
    for decorator in ("fail_if_no_align", "fail_if_no_rir"):
        setattr(module, decorator, lambda function: function)
    module._check_cuda_version = lambda: None  # type: ignore[attr-defined]
    return module
