"""Lets pyannote.audio import torchaudio where torchaudio's compiled part does not load.

The torchaudio wheel of the public index links CUDA libraries, so beside a CPU build of torch its
import fails. All that is used of it (resampling, Kaldi features) is Python. Where torchaudio
imports normally, nothing is done.
"""

import importlib
import sys
from types import ModuleType


def ensure_torchaudio() -> None:
    """Import torchaudio, with its compiled extension left out where that does not load."""
    try:
        importlib.import_module("torchaudio")
    except (ImportError, OSError, RuntimeError):
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchaudio"]:
            del sys.modules[name]
        sys.modules["torchaudio._extension"] = _stand_in()
        importlib.import_module("torchaudio")


def _stand_in() -> ModuleType:
    """What the rest of torchaudio asks of its extension, saying that there is none."""
    module = ModuleType("torchaudio._extension")
    for flag in ("_IS_TORCHAUDIO_EXT_AVAILABLE", "_IS_ALIGN_AVAILABLE", "_IS_RIR_AVAILABLE"):
        setattr(module, flag, False)
    for decorator in ("fail_if_no_align", "fail_if_no_rir"):
        setattr(module, decorator, lambda function: function)
    module._check_cuda_version = lambda: None  # type: ignore[attr-defined]
    return module
