"""Make the tables of stock voices that ship with Trax from Kokoro's own.

python -m benchmarks.stock_voices FOLDER: a folder with ``*.bin``, as the npm package kokoro-js
1.2.1 has it, and ``config.json`` of the Python package kokoro-onnx. Rank 8 restores them within
0.001 %.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trax.engines import LoadedEngines
from trax.settings import load_settings
from trax.voice import stock_voices as kept

_RANK = 8
_ENGLISH = ("a", "b")
_SENTENCE = (
    "When the sunlight strikes raindrops in the air, they act as a prism, and form a rainbow."
)


def factors(table: NDArray[np.float32]) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    """A voice's table of shape ``(510, 256)`` as two whose product it is."""
    left, middle, right = np.linalg.svd(table, full_matrices=False)
    weight = np.sqrt(middle[:_RANK])
    return (left[:, :_RANK] * weight).astype(np.float16), (weight[:, None] * right[:_RANK]).astype(
        np.float16
    )


def main() -> None:
    """Write the tables into the package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("voices", type=Path)
    parser.add_argument("config", type=Path)
    given = parser.parse_args()
    folder = Path(str(kept.voices_folder()))
    numbers = json.loads(given.config.read_text(encoding="utf-8"))["vocab"]
    text = json.dumps(numbers, ensure_ascii=False, indent=0)
    (folder / "phonemes.json").write_text(text + "\n", encoding="utf-8")
    paths = sorted(path for path in given.voices.glob("*.bin") if path.name[0] in _ENGLISH)
    tables = [np.fromfile(path, np.float32).reshape(-1, 256) for path in paths]
    made = [factors(table) for table in tables]
    arrays = {
        "names": np.array([path.stem for path in paths]),
        "lengths": np.stack([lengths for lengths, _styles in made]),
        "styles": np.stack([styles for _lengths, styles in made]),
        "timbres": np.zeros((len(paths), 192), np.float32),
    }
    np.savez(folder / "voices.npz", allow_pickle=False, **arrays)
    kept.stock_voices.cache_clear()
    kept._tables.cache_clear()
    arrays["timbres"] = np.stack([_timbre(path.stem) for path in paths])
    np.savez(folder / "voices.npz", allow_pickle=False, **arrays)


def _timbre(voice: str) -> NDArray[np.float32]:
    """How a voice sounds, as the packaged voice embedding hears it."""
    engines = LoadedEngines(load_settings()).voices
    said = engines.synthesiser().say(_SENTENCE, voice, "en")
    return engines.likeness().embed(said).astype(np.float32)


if __name__ == "__main__":
    main()
