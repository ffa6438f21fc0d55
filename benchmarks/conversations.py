"""Trax beside its first peer on conversations: words, speakers, cost. ``python -m
benchmarks.conversations``.

Each system runs in a process of its own, cold, on the same weights and threads. Trax runs as its
users run it: the ``trax`` command, the Prefect flow in process, a temporary server.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.corpus import Item, conversations
from benchmarks.measure import Cost, measure
from benchmarks.report import Row, write
from trax.scoring import Scorable, Utterance, read_scorable, score
from trax.settings import load_settings
from trax.testing import tone, write_audio
from trax.transcript import Turn

MODELS = ("tiny.en", "base")


def main() -> None:
    """Run all systems over all conversations and write the results."""
    models = load_settings().models_dir or load_settings().home / "models"
    rows = [
        row
        for item in conversations()
        for model in MODELS
        for row in (
            _trax(item, model, models),
            _plain(item, model, "sequential"),
            _plain(item, model, "batched"),
        )
    ]
    notes = [
        "WER after Whisper's English normaliser; cpWER and tcpWER (5 s collar) by meeteval; "
        "DER by pyannote.metrics.",
        "start-up: the same command when every stage comes from its checkpoint; it is part "
        "of trax's CPU s.",
        "CPU seconds and memory are summed over all processes of a system, Prefect's server "
        "included.",
        "plain: faster-whisper and pyannote.audio as they are; same weights and threads.",
    ]
    write("conversations", rows, notes)


def _trax(item: Item, model: str, models: Path) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "TRAX_HOME": f"{folder}/home", "TRAX_MODELS_DIR": str(models)}
        log = Path(folder) / "log"
        command = [
            str(Path(sys.executable).with_name("trax")),
            "transcribe",
            "--model",
            model,
            "--json",
        ]
        command += ["--diarizer", "packaged", "--out", f"{folder}/out", "-f", "json"]
        second = str(write_audio(Path(folder) / "second.wav", tone(1.0)))
        first_ever = measure(
            [*command, second], environment, log
        )  # makes the temporary server's database
        start_up = measure([*command, second], environment, log)  # every stage from its checkpoint
        cost = measure([*command, str(item.audio)], environment, log)
        hypothesis = read_scorable(Path(folder) / "out" / f"{item.audio.stem}.json")
    row = _row(item, f"trax {model}", hypothesis, cost)
    return row | {
        "start-up CPU s": start_up.cpu_seconds,
        "first ever, 1 s of audio, CPU s": first_ever.cpu_seconds,
    }


def _plain(item: Item, model: str, way: str) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.plain", str(item.audio), model, way]
        cost = measure(command, dict(os.environ), Path(folder) / "log")
    found = json.loads(cost.output)
    utterances = [
        Utterance(row["speaker"], row["words"], row["start_time"], row["end_time"])
        for row in found["utterances"]
    ]
    hypothesis = Scorable(
        utterances, [Turn(max(0.0, start), end, label) for start, end, label in found["turns"]]
    )
    return _row(item, f"plain {way} {model}", hypothesis, cost)


def _row(item: Item, system: str, hypothesis: Scorable, cost: Cost) -> Row:
    reference = read_scorable(item.reference)
    turns = read_scorable(item.audio.with_suffix(".rttm")).turns
    scores = score(hypothesis, Scorable(reference.utterances, turns))
    duration = max(turn.end for turn in turns)
    row: Row = {"recording": item.audio.stem, "system": system}
    for name, found in (
        ("WER %", scores.wer),
        ("cpWER %", scores.cpwer),
        ("tcpWER %", scores.tcpwer),
    ):
        row[name] = 100 * found.rate if found else ""
    for name, errors in (("DER %", scores.der), ("DER 0.25 %", scores.der_collar)):
        row[name] = 100 * errors.rate if errors else ""
    row["speakers"] = len({turn.speaker for turn in hypothesis.turns})
    row["CPU s"] = cost.cpu_seconds
    row["CPU s per audio s"] = cost.cpu_seconds / duration
    row["times real time"] = duration / cost.wall_seconds
    row["peak MB"] = cost.peak_bytes / 1e6
    print(row, file=sys.stderr, flush=True)
    return row


if __name__ == "__main__":
    main()
