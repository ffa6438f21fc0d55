"""Memory over long recordings: ``python -m benchmarks.memory MINUTES... [--diarizer
NAME_OR_FOLDER]``.

The recording is the corpus' conversations one after the other, again and again, so its content is
real speech.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import soundfile

from benchmarks.corpus import corpus
from benchmarks.measure import measure
from benchmarks.report import Row, write
from trax.settings import load_settings

MODEL = "base"


def main(minutes: list[int], diarizer: str) -> None:
    """Transcribe a recording of each length and write what it took."""
    models = load_settings().models_dir or load_settings().home / "models"
    notes = [
        f"model {MODEL}, diarization {Path(diarizer).name}",
        "total: all processes at one moment; main: the trax process alone",
    ]
    name = "memory-" + "-".join(map(str, minutes))
    write(name, [_row(length, models, diarizer) for length in minutes], notes)


def _row(minutes: int, models: Path, diarizer: str) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        audio = build(Path(folder) / "long.flac", minutes * 60)
        environment = {**os.environ, "TRAX_HOME": f"{folder}/home", "TRAX_MODELS_DIR": str(models)}
        command = [
            str(Path(sys.executable).parent / "trax"),
            "transcribe",
            str(audio),
            "--model",
            MODEL,
            "--json",
        ]
        command += ["--diarizer", diarizer]
        cost = measure([*command, "--out", f"{folder}/out"], environment, Path(folder) / "log")
    row: Row = {
        "minutes": minutes,
        "main peak MB": cost.main_peak_bytes / 1e6,
        "total peak MB": cost.peak_bytes / 1e6,
        "CPU s": cost.cpu_seconds,
        "CPU s per audio s": cost.cpu_seconds / (60 * minutes),
        "wall s": cost.wall_seconds,
    }
    print(row, file=sys.stderr, flush=True)
    return row


def build(path: Path, seconds: float) -> Path:
    """A recording of *seconds* from the corpus, written a piece at a time."""
    folder = corpus()
    sources = sorted((folder / "conversations").glob("*.flac"))
    left = round(seconds * 16_000)
    with soundfile.SoundFile(str(path), "w", 16_000, 1, "PCM_16", format="FLAC") as target:
        while left > 0:
            for source in sources:
                samples, _ = soundfile.read(str(source), dtype="int16", frames=-1)
                target.write(samples[:left])
                left -= min(left, len(samples))
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("minutes", type=int, nargs="+")
    parser.add_argument("--diarizer", default="packaged")
    chosen = parser.parse_args()
    main(chosen.minutes, chosen.diarizer)
