"""Plans and the diarizer on each device of this machine. ``python -m benchmarks.devices FOLDER
[DEVICE...]``.

Every system on every device (``cpu``, ``cuda``) in a process of its own, models loaded before:
conversations for words, speakers and speed, and five minutes of them in one piece. What was
measured is kept in FOLDER, so that a run that was stopped goes on where it ended.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks.corpus import conversations, diarization
from benchmarks.diarization_scores import Scored, scored
from benchmarks.intervals import error_rate
from benchmarks.machine import conditions
from benchmarks.measure import measure
from benchmarks.recognition import Measured, measured, path_of
from benchmarks.report import Row, write
from trax.audio import SAMPLE_RATE
from trax.hardware import cuda_device_count
from trax.settings import load_settings

SYSTEMS = ("batched tiny.en", "fast", "balanced", "accurate")
DIARIZERS = ("trax accurate",)
_FIVE_MINUTES = "five minutes"
_LONG = 300  # seconds
_EVERY = 0.2  # seconds between looks at the device's memory


def main(folder: Path, devices: Sequence[str]) -> None:
    """Measure what *folder* has no figures of yet, and write the results."""
    folder.mkdir(parents=True, exist_ok=True)
    machine = folder / "machine.txt"
    if not machine.exists():
        machine.write_text(_machine())
    rows = []
    for device in devices:
        place = folder / device
        place.mkdir(exist_ok=True)
        (place / "list.json").write_text(json.dumps(list(_recordings(folder))))
        rows += [_recognised(place, device, system) for system in SYSTEMS]
        rows += [_diarized(place, device, system) for system in DIARIZERS]
    notes = [
        machine.read_text(),
        "WER after Whisper's English normaliser over conversations; DER without collar, overlap "
        "scored, over all recordings with turns; 95 % intervals by a bootstrap over recordings.",
        f"Speed: audio seconds a second of wall time; {_LONG // 60} minutes are one recording of "
        "conversations one after the other. Memory is the whole device's, idle before.",
        "batched: faster-whisper's own pipeline, batches of 8.",
    ]
    write("devices", rows, notes)


def _recordings(folder: Path) -> Iterator[list[str]]:
    for item in conversations():
        said = sorted(json.loads(item.reference.read_text()), key=lambda each: each["start_time"])
        yield [str(item.audio), " ".join(each["words"] for each in said), "conversation"]
    long = folder / "long.flac"
    if not long.exists():
        samples = [soundfile.read(str(item.audio), dtype="int16")[0] for item in conversations()]
        repeated = np.concatenate(samples * 3)[: _LONG * SAMPLE_RATE]
        soundfile.write(str(long), repeated, SAMPLE_RATE)
    yield [str(long), "", _FIVE_MINUTES]


def _recognised(place: Path, device: str, system: str) -> Row:
    memory = place / f"{system.replace(' ', '-')}.memory"
    if not memory.exists():
        command = [sys.executable, "-m", "benchmarks.recognition", "one", str(place), system]
        memory.write_text(str(_run(command, device, place)[1]))
    found = list(measured(path_of(place, system)))
    known = [each for each in found if each.length]
    (long,) = [each for each in found if each.kind == _FIVE_MINUTES]
    rate = error_rate([each.errors for each in known], [each.length for each in known])
    return {
        "device": device,
        "system": system,
        "WER or DER %": str(rate),
        "speed": _speed(known),
        "five minutes, s": long.wall,
        "CPU s per audio s": round(_total(known, "cpu") / _total(known, "duration"), 4),
        "device memory, GB": int(memory.read_text()) / 1024,
    }


def _speed(some: Sequence[Measured]) -> float:
    return _total(some, "duration") / _total(some, "wall")


def _total(some: Sequence[Measured], name: str) -> float:
    return float(sum(getattr(each, name) for each in some))


def _diarized(place: Path, device: str, system: str) -> Row:
    kept = place / f"{system.replace(' ', '-')}.json"
    items = list(diarization())
    if not kept.exists():
        command = [sys.executable, "-m", "benchmarks.diarizers", system]
        command += [str(item.audio) for item in items]
        output, memory = _run(command, device, place)
        kept.write_text(json.dumps({"memory": memory, "found": json.loads(output)["rows"]}))
    result: dict[str, Any] = json.loads(kept.read_text())
    some: list[Scored] = [
        scored(system, "all", item, found)
        for item, found in zip(items, result["found"], strict=True)
    ]
    seconds = sum(each.duration for each in some)
    rate = error_rate([each.wrong for each in some], [each.errors.total for each in some])
    return {
        "device": device,
        "system": system,
        "WER or DER %": str(rate),
        "speed": seconds / sum(found["wall"] for found in result["found"]),
        "CPU s per audio s": round(sum(each.cpu for each in some) / seconds, 4),
        "device memory, GB": result["memory"] / 1024,
    }


def _run(command: list[str], device: str, place: Path) -> tuple[str, int]:
    """What *command* prints, and the MiB that the device had in use at most."""
    print(device, *command[2:5], file=sys.stderr, flush=True)
    with _device_memory(device) as most:
        cost = measure(command, {**os.environ, "TRAX_DEVICE": device}, place / "log")
    return cost.output, max(most)


@contextmanager
def _device_memory(device: str) -> Iterator[list[int]]:
    """MiB in use on the first GPU, looked at again and again."""
    most = [0]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(_EVERY):
            most.append(int(_smi("memory.used").split()[0]))

    watcher = threading.Thread(target=look, daemon=True)
    if device != "cpu":
        watcher.start()
    yield most
    ended.set()


def _machine() -> str:
    threads = load_settings().chosen_threads
    cuda = f"cuda: {_smi('name')}" if cuda_device_count() else "no GPU"
    return f"{conditions()} cpu: {threads} threads; {cuda}."


def _smi(figure: str) -> str:
    command = ["nvidia-smi", f"--query-gpu={figure}", "--format=csv,noheader,nounits"]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    return found.stdout.splitlines()[0]


if __name__ == "__main__":
    kept_in, *wanted = sys.argv[1:]
    there = ("cpu", "cuda") if cuda_device_count() else ("cpu",)
    main(Path(kept_in), wanted or there)
