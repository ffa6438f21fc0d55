"""How many people speak, in hundreds of generated conversations: ``python -m benchmarks.counts
FOLDER [COUNT [FOLD]]``.

What was found is kept in FOLDER, a line for each conversation, so that a run that was stopped goes
on where it ended; without COUNT the table of what there is is written.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.diarization_scores import Scored, scored
from benchmarks.generated import write_conversations
from benchmarks.intervals import error_rate, share
from benchmarks.report import Row, write
from trax.audio import StoredAudio
from trax.compose import build_workspace
from trax.diarization import DiarizationOptions, Diarizer
from trax.diarization.packaged import PackagedDiarizer
from trax.engines import diarization_model
from trax.scoring import read_scorable
from trax.scoring.turns import DiarizationErrors
from trax.settings import load_settings
from trax.stages.chunks import diarize_in_chunks

_QUIET = (0.0, 1.0, 2.0, 4.0, 1e9)  # seconds that the quietest person speaks: a row between two
_NOTES = (
    "Quietest: the person who speaks least, in seconds of the reference. In brackets: 95 %, of "
    "counts by Wilson's formula, of DER (no collar, overlap scored) by a bootstrap.",
    "Earlier forms of some of these conversations were among what the settings of clustering were "
    "searched on (docs/adr/0021 has what settings chosen without them give).",
)


def run(folder: Path, count: int, fold: int) -> None:
    """Diarize conversations 0 to before *count* of *fold* of which *folder* has no line."""
    settings = load_settings()
    build_workspace(settings)  # sets the same environment for the libraries
    diarizer = PackagedDiarizer(diarization_model(settings, "packaged"), "cpu", 1)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"fold-{fold}.jsonl"
    known = {row["seed"] for row in _lines(path)}
    for seed in range(count):
        if seed in known:
            continue
        row = {"seed": seed, "engine": diarizer.fingerprint} | _measured(seed, fold, diarizer)
        with path.open("a") as lines:
            lines.write(json.dumps(row) + "\n")
        print(seed, row["people"], row["found"], file=sys.stderr, flush=True)


def _measured(seed: int, fold: int, diarizer: Diarizer) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        (item,) = write_conversations(Path(folder), 1, fold=fold, first_seed=seed)
        began = time.process_time()
        audio = StoredAudio.open(item.audio)
        found = diarize_in_chunks(diarizer, DiarizationOptions(), audio, lambda _share: None)
        cpu = time.process_time() - began
        turns = [(turn.start, turn.end, turn.speaker) for turn in found.turns]
        row = scored("trax accurate", item.facts["kind"], item, {"turns": turns, "cpu": cpu})
        seconds: dict[str, float] = {}
        for turn in read_scorable(item.reference).turns:
            seconds[turn.speaker] = seconds.get(turn.speaker, 0.0) + turn.duration
    probability = found.count.probability if found.count else None
    return row.as_row() | {"quietest": min(seconds.values()), "probability": probability}


def report(folder: Path) -> None:
    """Write the table of all lines in *folder*."""
    lines: list[dict[str, Any]] = []
    for path in sorted(folder.glob("fold-*.jsonl")):
        lines.extend(_lines(path))
    rows = [_row("all", lines)]
    for low, high in pairwise(_QUIET):
        some = [line for line in lines if low <= line["quietest"] < high]
        name = f"quietest {low:g} s or more" if high > 1e6 else f"quietest {low:g} to {high:g} s"
        rows.append(_row(name, some))
    for kind in sorted({line["part"] for line in lines}):
        some = [line for line in lines if line["part"] == kind]
        rows.append(_row(kind, some))
    for people in sorted({line["people"] for line in lines}):
        some = [line for line in lines if line["people"] == people]
        rows.append(_row(f"people: {people}", some))
    write("counts", rows, _NOTES, lines)


def _row(name: str, lines: Sequence[dict[str, Any]]) -> Row:
    errors = [_scored(line) for line in lines]
    off = [each.found - each.people for each in errors]
    totals = [each.errors.total for each in errors]
    cpu = sum(each.cpu for each in errors) / sum(each.duration for each in errors)
    return {
        "conversations": name,
        "number": len(lines),
        "count exact %": str(share(sum(each == 0 for each in off), len(off))),
        "within one %": str(share(sum(abs(each) <= 1 for each in off), len(off))),
        "too few": sum(each < 0 for each in off),
        "too many": sum(each > 0 for each in off),
        "DER %": str(error_rate([each.wrong for each in errors], totals)),
        "confused %": str(error_rate([each.errors.confusion for each in errors], totals)),
        "CPU s per audio s": round(cpu, 3),
    }


def _scored(line: dict[str, Any]) -> Scored:
    known = {name: line[name] for name in Scored.__dataclass_fields__ if name != "errors"}
    return Scored(**known, errors=DiarizationErrors(**line["errors"]))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        yield from map(json.loads, path.read_text().splitlines())


if __name__ == "__main__":
    target, *rest = sys.argv[1:]
    if rest:
        run(Path(target), int(rest[0]), int(rest[1]) if rest[1:] else 1)
    else:
        report(Path(target))
