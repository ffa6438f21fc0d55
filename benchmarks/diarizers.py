"""One diarizer over many recordings, in a process of its own: ``python -m benchmarks.diarizers
SYSTEM FILE...``.

Prints JSON: turns, CPU and wall seconds of each recording, after the models were loaded. Systems:
``trax accurate``, ``trax fast``, ``pyannote`` (the stock pipeline on the same weights);
`benchmarks.peer_diarizers` has the others.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import soundfile

from trax.audio import Waveform
from trax.compose import build_workspace
from trax.diarization import DiarizationOptions
from trax.engines import diarization_model
from trax.settings import load_settings

Turns = list[tuple[float, float, str]]


def main(system: str, files: list[str]) -> None:
    """Diarize *files* and print what was found."""
    settings = load_settings()
    build_workspace(settings)  # sets the same environment for the libraries
    began = time.process_time()
    name, _, plan = system.partition(" ")
    diarize, stages = _trax(plan) if name == "trax" else _pyannote()
    rows = []
    for number, file in enumerate(
        [files[0], *files]
    ):  # the first one twice: once to load everything
        samples, _ = soundfile.read(file, dtype="float32")
        if number == 1:
            stages.clear()
        start, wall = time.process_time(), time.perf_counter()
        turns = diarize(samples)
        cost = {"cpu": time.process_time() - start, "wall": time.perf_counter() - wall}
        rows.append({"file": file, "turns": turns, **cost})
        if number == 0:
            load = start - began
            rows.clear()
    print(json.dumps({"load": load, "rows": rows, "stages": stages}))


def _trax(plan: str) -> tuple[Callable[[Any], Turns], dict[str, float]]:
    from trax.diarization import packaged

    settings = load_settings()
    model = diarization_model(settings, "packaged")
    diarizer = packaged.PackagedDiarizer(model, settings.chosen_device, 1)
    options = DiarizationOptions.model_validate({"plan": plan})
    networks = diarizer.networks
    stages: dict[str, float] = defaultdict(float)
    for stage, owner, function in (
        ("segmentation", networks, "activity"),
        ("embedding", networks, "voices"),
        ("features", networks, "features"),
        ("clustering", packaged, "find_speakers"),
        ("turns", packaged, "build_diarization"),
    ):
        setattr(owner, function, _timed(getattr(owner, function), stage, stages))

    def diarize(samples: Any) -> Turns:
        session = diarizer.begin(options)
        session.feed(Waveform(samples, 16_000), lambda _share: None)
        return [
            (turn.start, turn.end, turn.speaker)
            for turn in session.result(lambda _share: None).turns
        ]

    return diarize, stages


def _pyannote() -> tuple[Callable[[Any], Turns], dict[str, float]]:
    from benchmarks.plain import stock_pipeline

    pipeline = stock_pipeline()
    stages: dict[str, float] = defaultdict(float)
    for stage, owner, function in (
        ("embedding", pipeline, "get_embeddings"),
        ("segmentation", pipeline, "get_segmentations"),
    ):
        setattr(owner, function, _timed(getattr(owner, function), stage, stages))

    def diarize(samples: Any) -> Turns:
        import torch

        output = pipeline(
            {"waveform": torch.from_numpy(samples)[None], "sample_rate": 16_000, "uri": "x"}
        )
        found = output.speaker_diarization.itertracks(yield_label=True)
        return [(segment.start, segment.end, label) for segment, _, label in found]

    return diarize, stages


def _timed(
    function: Callable[..., Any], stage: str, stages: dict[str, float]
) -> Callable[..., Any]:
    def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.process_time()
        try:
            return function(*args, **kwargs)
        finally:
            stages[stage] += time.process_time() - began

    return timed


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
