"""Hours of speech: memory, and whether the text is that of the parts. ``python -m
benchmarks.long [HOURS [PLAN]]``.

The recording is made of six different parts of about ten minutes, again and again, silence of
different lengths between. Recognition runs in a process of its own; nothing else does, so that the
memory is its own.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.corpus import clips, conversations, diarization
from benchmarks.measure import Cost, measure
from benchmarks.report import Row, write
from trax.asr import RecognitionOptions
from trax.audio import SAMPLE_RATE, Limits, StoredAudio, decode_to_flac
from trax.compose import build_workspace
from trax.scoring.words import word_error_rate
from trax.settings import load_settings

_PARTS = 6
_PART = 600.0  # seconds
_PAUSES = (3.0, 2.5, 10.01)  # seconds

Samples = NDArray[np.int16]


def main(hours: float = 1.0, plan: str = "fast") -> None:
    """Measure the parts and the whole, and write the results."""
    count = max(1, round(hours * 3600 / _PART))
    with tempfile.TemporaryDirectory() as folder:
        parts = list(_written_parts(Path(folder)))
        whole = Path(folder) / "whole.flac"
        _write_whole(whole, islice(cycle(parts), count))
        alone = _recognised(parts, plan, Path(folder))
        together = _recognised([whole], plan, Path(folder))
        texts = [part.with_suffix(".txt").read_text(encoding="utf-8") for part in parts]
        expected = " ".join(islice(cycle(texts), count))
        text = whole.with_suffix(".txt").read_text(encoding="utf-8")
        rows = [
            _row(f"{len(parts)} parts", parts, alone, " ".join(texts)),
            _row(f"{count} parts in one", [whole], together, text)
            | {
                "words unlike the parts'": word_error_rate(expected, text).errors,
                "the same to the letter": str(expected == text),
            },
        ]
    notes = [
        f"Plan {plan}: recognition alone, in a process of its own, models and libraries included.",
        "The whole is the parts one after another, again and again, with "
        f"{', '.join(map(str, _PAUSES))} seconds of silence between; its text is compared with "
        "the parts' own.",
    ]
    write(f"long-{plan}", rows, notes)


def _row(name: str, files: Sequence[Path], cost: Cost, text: str) -> Row:
    seconds = sum(StoredAudio.open(file).duration for file in files)
    return {
        "recording": name,
        "hours": seconds / 3600,
        "words": len(text.split()),
        "CPU s": cost.cpu_seconds,
        "CPU s per audio s": cost.cpu_seconds / seconds,
        "times real time": seconds / cost.wall_seconds,
        "peak MB": cost.peak_bytes / 1e6,
    }


def _written_parts(folder: Path) -> Iterator[Path]:
    """Parts of about ten minutes of different speech, a second of silence after each clip."""
    sounds = _sounds(folder)
    for number in range(_PARTS):
        part = list(_enough(sounds))
        if not part:
            return
        path = folder / f"part{number}.flac"
        soundfile.write(str(path), np.concatenate(part), SAMPLE_RATE)
        yield path


def _enough(sounds: Iterator[Samples]) -> Iterator[Samples]:
    seconds = 0.0
    for samples in sounds:
        yield samples
        yield np.zeros(SAMPLE_RATE, dtype=np.int16)
        seconds += len(samples) / SAMPLE_RATE + 1
        if seconds >= _PART:
            return


def _sounds(folder: Path) -> Iterator[Samples]:
    """The samples of all English recordings, and once more from the last to the first."""
    items = [*conversations(), *clips(), *diarization()]
    for at, item in enumerate([*items, *reversed(items)]):
        flac = folder / f"{at}.flac"
        decode_to_flac(item.audio, flac, Limits())
        samples, _rate = soundfile.read(str(flac), dtype="int16")
        yield samples


def _write_whole(path: Path, parts: Iterator[Path]) -> None:
    with soundfile.SoundFile(str(path), "w", SAMPLE_RATE, 1, "PCM_16", format="FLAC") as file:
        for part, pause in zip(parts, cycle(_PAUSES), strict=False):
            samples, _rate = soundfile.read(str(part), dtype="int16")
            file.write(samples)
            file.write(np.zeros(round(pause * SAMPLE_RATE), dtype=np.int16))


def _recognised(files: Sequence[Path], plan: str, folder: Path) -> Cost:
    paths = [str(file) for file in files]
    command = [sys.executable, "-m", "benchmarks.long", "--recognise", plan, *paths]
    return measure(command, dict(os.environ), folder / "log")


def recognise(plan: str, *paths: str) -> None:
    """Write the text of each recording beside it: a pipe would hold no ten hours of it."""
    options = RecognitionOptions.model_validate({"plan": plan, "language": "en"})
    recogniser = build_workspace(load_settings()).engines.recogniser(options)
    for path in map(Path, paths):
        found = recogniser.recognise(StoredAudio.open(path), options, lambda _share: None)
        text = " ".join(segment.text for segment in found.segments)
        path.with_suffix(".txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--recognise", plan, *paths]:
            recognise(plan, *paths)
        case [hours, *plan]:
            main(float(hours), *plan)
        case _:
            main()
