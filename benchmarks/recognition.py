"""Plans beside plain faster-whisper: words and cost. ``python -m benchmarks.recognition``.

Every system in a process of its own, models loaded once, same weights and threads; CPU seconds
without loading. English clips and conversations, official and unofficial references apart; then ten
minutes of conversation for speed. `benchmarks.confidence` judges the confidence of words.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.corpus import clips, conversations
from benchmarks.measure import measure
from benchmarks.report import Row, write
from trax.asr import RecognitionOptions
from trax.audio import SAMPLE_RATE, Limits, StoredAudio, decode_to_flac
from trax.compose import build_workspace
from trax.engines import recognition_model
from trax.scoring.words import word_error_rate
from trax.settings import load_settings
from trax.testing import applause, hold_tone, music, noise

PEERS = ("plain tiny.en", "plain base", "batched tiny.en")
OURS = ("fast", "tiny.en", "base", "balanced", "accurate")
_SPEED = ("plain tiny.en", "batched tiny.en", "fast")
Read = Callable[[Path], str]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording and what is said in it."""

    audio: Path
    text: str
    kind: str


def main() -> None:
    """Run all systems and write the results."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        recordings = list(_recordings(work))
        (work / "list.json").write_text(
            json.dumps([[str(each.audio), each.text, each.kind] for each in recordings])
        )
        rows = [
            _row(system, json.loads(_run(system, work, "list.json"))) for system in (*PEERS, *OURS)
        ]
        _ten_minutes(work / "ten.flac")
        (work / "ten.json").write_text(json.dumps([[str(work / "ten.flac"), "", "ten minutes"]]))
        speed = [_speed(system, json.loads(_run(system, work, "ten.json"))) for system in _SPEED]
        sounds = json.loads(_run("sounds", work, "list.json"))
    notes = [
        "WER after Whisper's English normaliser. CPU seconds are the process's own, models "
        "loaded before.",
        "plain: faster-whisper sequential, batched: its pipeline with 8, both beam 5, word "
        "times, voice activity.",
        _gain(rows),
        "words over thirty seconds each of silence, noise, music, hold tone, applause, all "
        f"plans: {sounds}",
    ]
    write("recognition", [*rows, *speed], notes)


def _gain(rows: list[Row]) -> str:
    """What balanced gains of what the larger model gains, and at what share of its cost."""
    by = {str(row["system"]): row for row in rows}
    told = []
    for small, large in (("plain tiny.en", "plain base"), ("tiny.en", "base")):
        errors = float(by[small]["WER %"]) - float(by[large]["WER %"])
        cost = float(by[large]["CPU s"]) - float(by[small]["CPU s"])
        gained = (float(by[small]["WER %"]) - float(by["balanced"]["WER %"])) / errors
        spent = (float(by["balanced"]["CPU s"]) - float(by[small]["CPU s"])) / cost
        told.append(
            f"of the gain of {large} over {small}: {gained:.0%} at {spent:.0%} of its extra "
            "CPU seconds"
        )
    ratio = float(by["accurate"]["WER %"]) / float(by["plain base"]["WER %"])
    return f"balanced: {'; '.join(told)}. accurate: {ratio:.3f} times the WER of plain base."


def _recordings(work: Path) -> Iterator[Spoken]:
    for at, item in enumerate(clips()):
        flac = work / f"clip{at}.flac"
        decode_to_flac(item.audio, flac, Limits())
        yield Spoken(flac, item.text, item.facts["reference_kind"].partition(":")[0])
    for item in conversations():
        said = sorted(json.loads(item.reference.read_text()), key=lambda each: each["start_time"])
        yield Spoken(item.audio, " ".join(each["words"] for each in said), "conversation")


def _ten_minutes(path: Path) -> None:
    """Conversations one after the other, cut at ten minutes."""
    samples = [soundfile.read(str(item.audio), dtype="int16")[0] for item in conversations()]
    soundfile.write(str(path), np.concatenate(samples * 3)[: 600 * SAMPLE_RATE], SAMPLE_RATE)


def _run(system: str, work: Path, listed: str) -> str:
    print(system, file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "benchmarks.recognition", system, str(work / listed)]
    return measure(command, dict(os.environ), work / "log").output


def _row(system: str, found: dict[str, float | list[str]]) -> Row:
    row: Row = {"system": system}
    row |= {name: value for name, value in found.items() if isinstance(value, float)}
    return row


def _speed(system: str, found: dict[str, float]) -> Row:
    return {
        "system": f"{system}, ten minutes",
        "CPU s": found["CPU s"],
        "CPU s per audio s": found["CPU s"] / 600,
        "times real time": 600 / found["wall s"],
    }


def one_system(system: str, listed: str) -> None:
    """Run one system over a list of recordings and print its figures as JSON."""
    recordings = [
        Spoken(Path(audio), text, kind)
        for audio, text, kind in json.loads(Path(listed).read_text())
    ]
    read = _reader(system)
    read(recordings[0].audio)  # loads the models
    began, processor = time.perf_counter(), time.process_time()
    texts = [read(each.audio) for each in recordings]
    found: dict[str, float] = {
        "CPU s": time.process_time() - processor,
        "wall s": time.perf_counter() - began,
    }
    for kind in ("", "official", "unofficial", "conversation"):
        rates = [
            word_error_rate(each.text, text)
            for each, text in zip(recordings, texts, strict=True)
            if each.text and kind in ("", each.kind)
        ]
        if length := sum(rate.length for rate in rates):
            found[f"WER % {kind}".strip()] = 100 * sum(rate.errors for rate in rates) / length
    seconds = sum(StoredAudio.open(each.audio).duration for each in recordings)
    print(json.dumps(found | {"CPU s per audio s": found["CPU s"] / seconds}))


def _reader(system: str) -> Read:
    settings = load_settings()
    workspace = build_workspace(settings)
    way, _, model = system.partition(" ")
    if not model:
        options = RecognitionOptions.model_validate(
            {
                "language": "en",
                "plan" if system in ("fast", "balanced", "accurate") else "model": system,
            }
        )
        recogniser = workspace.engines.recogniser(options)

        def ours(path: Path) -> str:
            found = recogniser.recognise(StoredAudio.open(path), options, lambda _share: None)
            return " ".join(segment.text for segment in found.segments)

        return ours
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    folder = str(recognition_model(settings, model).folder())
    whisper = WhisperModel(
        folder, device="cpu", compute_type="int8", cpu_threads=settings.chosen_threads
    )

    def plain(path: Path) -> str:
        if way == "batched":
            found, _ = BatchedInferencePipeline(whisper).transcribe(
                str(path), language="en", word_timestamps=True, batch_size=8
            )
        else:
            found, _ = whisper.transcribe(
                str(path), language="en", word_timestamps=True, vad_filter=True
            )
        return " ".join(segment.text.strip() for segment in found)

    return plain


def sounds() -> None:
    """Print how many words all plans write over sounds without speech."""
    made = [
        noise(30.0, 0.0),
        noise(30.0, 0.02),
        noise(30.0, 0.3),
        music(30.0),
        hold_tone(30.0),
        applause(30.0),
    ]
    words = 0
    with tempfile.TemporaryDirectory() as folder:
        for plan in ("fast", "balanced", "accurate"):
            read = _reader(plan)
            for at, samples in enumerate(made):
                path = Path(folder) / f"{at}.flac"
                soundfile.write(str(path), np.clip(samples, -1, 1), SAMPLE_RATE)
                words += len(read(path).split())
    print(words)


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            main()
        case ["sounds", *_]:
            sounds()
        case [name, listed]:
            one_system(name, listed)
