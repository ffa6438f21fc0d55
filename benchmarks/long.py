"""Ten hours of speech: memory, and whether the text is that of the parts. ``python -m
benchmarks.long [HOURS]``.

The recording is one part of about ten minutes again and again, three seconds of silence between.
Recognition runs in a process of its own; nothing else does, so that the memory is its own.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.corpus import clips, conversations
from benchmarks.measure import Cost, measure
from benchmarks.report import write
from trax.asr import RecognitionOptions
from trax.audio import SAMPLE_RATE, Limits, StoredAudio, decode_to_flac
from trax.compose import build_workspace
from trax.scoring.words import word_error_rate
from trax.settings import load_settings

_PART = 600.0  # seconds
_PAUSE = 3.0
PLAN = "fast"


def main(hours: float = 10.0) -> None:
    """Measure the part and the whole, and write the results."""
    with tempfile.TemporaryDirectory() as folder:
        part = np.concatenate(
            [*_part(Path(folder)), np.zeros(round(_PAUSE * SAMPLE_RATE), dtype=np.int16)]
        )
        times = max(1, round(hours * 3600 * SAMPLE_RATE / len(part)))
        short, long = Path(folder) / "part.flac", Path(folder) / "whole.flac"
        _written(short, part, 1)
        _written(long, part, times)
        one, one_text = _recognised(short, Path(folder))
        all_, all_text = _recognised(long, Path(folder))
    expected = " ".join([one_text] * times)
    errors = word_error_rate(expected, all_text)
    rows = [
        _row("part", len(part), one, one_text),
        _row(f"{times} parts", len(part) * times, all_, all_text)
        | {
            "words unlike the parts'": errors.errors,
            "the same to the letter": str(expected == all_text),
        },
    ]
    notes = [
        f"Plan {PLAN}: recognition alone, in a process of its own, models and libraries included.",
        "The whole is one part after another with three seconds of silence; its text is "
        "compared with the part's.",
    ]
    write("long", rows, notes)


def _row(name: str, frames: int, cost: Cost, text: str) -> dict[str, str | float | int]:
    hours = frames / SAMPLE_RATE / 3600
    return {
        "recording": name,
        "hours": hours,
        "words": len(text.split()),
        "CPU s": cost.cpu_seconds,
        "CPU s per audio s": cost.cpu_seconds / hours / 3600,
        "times real time": hours * 3600 / cost.wall_seconds,
        "peak MB": cost.peak_bytes / 1e6,
    }


def _part(folder: Path) -> Iterator[NDArray[np.int16]]:
    """Conversations and clips, one after the other, until there are ten minutes."""
    seconds = 0.0
    for at, item in enumerate([*conversations(), *clips()]):
        flac = folder / f"{at}.flac"
        decode_to_flac(item.audio, flac, Limits())
        samples, _rate = soundfile.read(str(flac), dtype="int16")
        yield np.concatenate([samples, np.zeros(SAMPLE_RATE, dtype=np.int16)])
        seconds += len(samples) / SAMPLE_RATE + 1
        if seconds >= _PART:
            return


def _written(path: Path, part: NDArray[np.int16], times: int) -> None:
    with soundfile.SoundFile(str(path), "w", SAMPLE_RATE, 1, "PCM_16", format="FLAC") as file:
        for _ in range(times):
            file.write(part)


def _recognised(path: Path, folder: Path) -> tuple[Cost, str]:
    command = [sys.executable, "-m", "benchmarks.long", "--recognise", str(path)]
    cost = measure(command, dict(os.environ), folder / "log")
    return cost, path.with_suffix(".txt").read_text(encoding="utf-8")


def recognise(path: str) -> None:
    """Write the text of one recording beside it: a pipe would hold no ten hours of it."""
    options = RecognitionOptions(plan=PLAN, language="en")
    recogniser = build_workspace(load_settings()).engines.recogniser(options)
    found = recogniser.recognise(StoredAudio.open(Path(path)), options, lambda _share: None)
    text = " ".join(segment.text for segment in found.segments)
    Path(path).with_suffix(".txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--recognise"]:
        recognise(sys.argv[2])
    else:
        main(*(float(each) for each in sys.argv[1:2]))
