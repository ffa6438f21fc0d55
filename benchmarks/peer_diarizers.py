"""Peers of another environment, which holds ``senko==0.2.2 sherpa-onnx==2.0.1 soundfile`` and not
Trax.

``PYTHON benchmarks/peer_diarizers.py senko FILE...`` or ``... sherpa-onnx SEGMENTATION.onnx
EMBEDDING.onnx FILE...``. Prints what `benchmarks.diarizers` prints. Both run with one thread, their
own defaults otherwise.
"""

import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

Diarize = Callable[[str], list[tuple[float, float, str]]]


def main(system: str, arguments: list[str]) -> None:
    """Diarize files and print what was found."""
    began = time.process_time()
    diarize, files = _senko(arguments) if system == "senko" else _sherpa(arguments)
    with contextlib.redirect_stdout(sys.stderr):
        diarize(files[0])
        load = time.process_time() - began
        rows = []
        for file in files:
            start = time.process_time()
            turns = diarize(file)
            rows.append({"file": file, "turns": turns, "cpu": time.process_time() - start})
    print(json.dumps({"load": load, "rows": rows, "stages": {}}))


def _senko(files: list[str]) -> tuple[Diarize, list[str]]:
    import senko
    import soundfile
    import torch

    torch.set_num_threads(1)
    diarizer = senko.Diarizer(device="cpu", warmup=False, quiet=True)

    def diarize(file: str) -> list[tuple[float, float, str]]:
        samples, rate = soundfile.read(file, dtype="int16")
        with tempfile.NamedTemporaryFile(suffix=".wav") as copy:
            soundfile.write(copy.name, samples, rate, "PCM_16")
            found: Any = diarizer.diarize(copy.name) or {}
        segments = found.get("merged_segments", [])
        return [(each["start"], each["end"], str(each["speaker"])) for each in segments]

    return diarize, files


def _sherpa(arguments: list[str]) -> tuple[Diarize, list[str]]:
    import sherpa_onnx
    import soundfile

    segmentation, embedding, *files = arguments
    pyannote = sherpa_onnx.OfflineSpeakerSegmentationPyannoteModelConfig(model=segmentation)
    config = sherpa_onnx.OfflineSpeakerDiarizationConfig(
        segmentation=sherpa_onnx.OfflineSpeakerSegmentationModelConfig(
            pyannote=pyannote, num_threads=1
        ),
        embedding=sherpa_onnx.SpeakerEmbeddingExtractorConfig(model=embedding, num_threads=1),
        clustering=sherpa_onnx.FastClusteringConfig(),
    )
    diarizer = sherpa_onnx.OfflineSpeakerDiarization(config)

    def diarize(file: str) -> list[tuple[float, float, str]]:
        samples, _ = soundfile.read(file, dtype="float32")
        found = diarizer.process(samples).sort_by_start_time()
        return [(each.start, each.end, str(each.speaker)) for each in found]

    return diarize, files


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
