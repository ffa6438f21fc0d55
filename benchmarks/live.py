"""Live captions in virtual real time: ``python -m benchmarks.live [FOLDER [PART...]]``.

Conversations come as they were spoken, and processor time of one thread counts as time, so that a
busy machine changes nothing. Trax's sessions beside whisper_streaming's policy on the same model;
the words of `fast` and the turns of the offline diarizer to compare with. Thirty minutes each of
silence, music and noise. Four hours with a scripted model: what the session itself costs. Each part
that is named, else every one, is measured unless FOLDER has its figures; the results are those of
all parts that are there. Parts: fast, ours, speakers, growth, peer, silence, music, noise, long.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpus import Item, conversations
from benchmarks.live_peer import WhisperStreaming
from benchmarks.live_time import Shown, in_virtual_time, latencies, quantile
from benchmarks.machine import conditions
from benchmarks.report import Row, write
from trax.asr import RecognitionOptions
from trax.asr.engine import no_progress
from trax.audio import SAMPLE_RATE, StoredAudio, Waveform
from trax.diarization import DiarizationOptions
from trax.engines import LoadedEngines
from trax.live.keeping import Header, Kept
from trax.live.options import LiveOptions
from trax.live.pace import STEP, Pace
from trax.live.reading import GrowingReader, Reads
from trax.live.session import LiveSession
from trax.live.speakers import LiveSpeakers
from trax.scoring import read_scorable
from trax.scoring.turns import diarization_errors
from trax.scoring.words import word_error_rate
from trax.settings import load_settings
from trax.testing import music, noise
from trax.testing.levels import WORD, WORDS, LevelDecoder, pcm, spoken, talks
from trax.transcript import Turn, Word, joined_text

MODEL = "tiny.en"
_TELL = 2.0  # seconds of sound between two answers who speaks
_MINUTES = 30  # of each sound without speech
_HOURS = 4
_LOOKED_AT = (0, 9, 29)  # minutes of a long conversation in which speakers are told
_SOUNDS = ("silence", "music", "noise")
_PARTS = ("fast", "ours", "speakers", "growth", "peer", *_SOUNDS, "long")


def main(folder: Path, parts: list[str]) -> None:
    """Measure what is missing, and write the results if nothing is."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in parts or _PARTS:
        if not _file(folder, part).exists():
            print(part, file=sys.stderr, flush=True)
            command = [sys.executable, "-m", "benchmarks.live", str(folder), "one", part]
            subprocess.run(command, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    kept = [part for part in _PARTS if _file(folder, part).exists()]
    _write({part: json.loads(_file(folder, part).read_text()) for part in kept})


def measure_part(folder: Path, part: str) -> None:
    """Measure one part, and keep its figures."""
    measuring: dict[str, Callable[[], Any]] = {
        "fast": _fast,
        "ours": lambda: _captioned(_ours),
        "peer": lambda: _captioned(_peer),
        "speakers": _speakers,
        "growth": _growth,
        "long": _long,
        **{name: partial(_sound_alone, name) for name in _SOUNDS},
    }
    found = measuring[part]()
    _file(folder, part).write_text(json.dumps(found))


def _file(folder: Path, part: str) -> Path:
    return folder / f"{part}.json"


def _engines() -> LoadedEngines:
    os.environ["TRAX_THREADS"] = "1"
    return LoadedEngines(load_settings())


def _text(item: Item) -> str:
    return " ".join(each.text for each in read_scorable(item.reference).utterances)


def _fast() -> list[dict[str, Any]]:
    """Errors of the plan `fast`, offline."""
    engines = _engines()
    options = RecognitionOptions(plan="fast", language="en")
    found = []
    for item in conversations():
        began = time.process_time()
        audio = StoredAudio.open(item.audio)
        read = engines.recogniser(options).recognise(audio, options, no_progress)
        cpu = time.process_time() - began
        text = " ".join(segment.text for segment in read.segments)
        rate = word_error_rate(_text(item), text, "en")
        found.append(
            {
                "recording": item.audio.stem,
                "errors": rate.errors,
                "length": rate.length,
                "cpu": cpu / audio.duration,
            }
        )
    return found


def _ours(engines: LoadedEngines, sound: Waveform) -> Shown:
    (decoder,) = engines.decoders([MODEL], "en")
    reader = GrowingReader(decoder, Reads())
    return in_virtual_time(
        sound,
        lambda chunk: reader.add(chunk.samples),
        lambda last: reader.read(last=last),
        STEP,
    )


def _peer(engines: LoadedEngines, sound: Waveform) -> Shown:
    (decoder,) = engines.decoders([MODEL], "en")
    peer = WhisperStreaming(decoder)
    return in_virtual_time(sound, peer.add, peer.read, 1.0)


def _captioned(captioning: Callable[[LoadedEngines, Waveform], Shown]) -> list[dict[str, Any]]:
    engines = _engines()
    found = []
    for item in conversations():
        sound = StoredAudio.open(item.audio).read()
        captioning(engines, Waveform(sound.samples[: 3 * SAMPLE_RATE], SAMPLE_RATE))  # loads
        shown = captioning(engines, sound)
        first, final = latencies(shown)
        rate = word_error_rate(_text(item), joined_text(w for w, _at in shown.committed), "en")
        found.append(
            {
                "recording": item.audio.stem,
                "duration": sound.duration,
                "first": first,
                "final": final,
                "errors": rate.errors,
                "length": rate.length,
                "shown": shown.shown,
                "changed": shown.changed,
                "cpu": shown.cpu,
                "lag": shown.lags[-1][1],
            }
        )
    return found


def _speakers() -> list[dict[str, Any]]:
    """Turns as they were told while people spoke, and in the end."""
    engines = _engines()
    found = []
    for item in conversations():
        sound = StoredAudio.open(item.audio).read()
        reference = read_scorable(item.audio.with_suffix(".rttm")).turns
        live, cost = _told(engines, sound)
        offline = engines.diarizer(DiarizationOptions()).begin(DiarizationOptions())
        offline.feed(sound, no_progress)
        turns = offline.result(no_progress).turns
        figures: dict[str, Any] = {"recording": item.audio.stem, "cost": cost}
        for name, some in (("live", live), ("offline", list(turns))):
            errors = diarization_errors(reference, some, duration=sound.duration)
            figures[name] = errors.rate
        found.append(figures)
    return found


def _told(engines: LoadedEngines, sound: Waveform) -> tuple[list[Turn], float]:
    """For each stretch who was said to speak there when it was told first; and CPU s a second."""
    options = DiarizationOptions(plan="fast")
    speakers = LiveSpeakers(engines.diarizer(options).begin(options))
    size = round(_TELL * SAMPLE_RATE)
    turns: list[Turn] = []
    began = time.process_time()
    for first in range(0, len(sound.samples), size):
        chunk = Waveform(sound.samples[first : first + size], SAMPLE_RATE)
        speakers.hear(chunk)
        speakers.tell([])
        start = first / SAMPLE_RATE
        for turn in speakers.turns:
            begin = max(start, turn.start)
            end = min(start + chunk.duration, turn.end)
            if end > begin:
                turns.append(Turn(begin, end, turn.speaker))
    return turns, (time.process_time() - began) / sound.duration


def _growth() -> list[dict[str, Any]]:
    """What speakers cost in some minutes of a conversation that goes on, and how many there are."""
    engines = _engines()
    sound = np.concatenate(
        [StoredAudio.open(item.audio).read().samples for item in conversations()]
    )
    options = DiarizationOptions(plan="fast")
    speakers = LiveSpeakers(engines.diarizer(options).begin(options))
    found = []
    for minute in range(_LOOKED_AT[-1] + 1):
        began = time.process_time()
        labels: set[str] = set()
        for second in range(60 * minute, 60 * minute + 60, round(_TELL)):
            samples = np.arange(second * SAMPLE_RATE, (second + round(_TELL)) * SAMPLE_RATE)
            speakers.hear(Waveform(sound[samples % len(sound)], SAMPLE_RATE))
            if minute in _LOOKED_AT:
                words = [
                    Word(at / 2, at / 2 + 0.4, "w", id=str(at))
                    for at in range(2 * second, 2 * second + 4)
                ]
                told, _names = speakers.tell(words)
                labels |= set(told.values())
        if minute in _LOOKED_AT:
            cost = time.process_time() - began
            found.append({"minute": minute + 1, "cost": cost, "speakers": sorted(labels)})
        _tell_how_far("growth", minute + 1, _LOOKED_AT[-1] + 1)
    return found


def _sound_alone(name: str) -> dict[str, Any]:
    """Words in a sound without any, and the memory that it takes."""
    engines = _engines()
    (decoder,) = engines.decoders([MODEL], "en")
    made: dict[str, Callable[[int], Any]] = {
        "silence": lambda _minute: np.zeros(60 * SAMPLE_RATE, dtype=np.float32),
        "music": lambda minute: music(60.0, seed=minute),
        "noise": lambda minute: noise(60.0, 0.002 * 2 ** (minute % 8), seed=minute),
    }
    reader = GrowingReader(decoder, Reads())
    words = 0
    cpu = 0.0
    memory = []
    for minute in range(_MINUTES):
        sound = Waveform(made[name](minute), SAMPLE_RATE)
        began = time.process_time()
        shown = in_virtual_time(
            sound,
            lambda chunk: reader.add(chunk.samples),
            lambda last: reader.read(last=last),
            STEP,
        )
        cpu += time.process_time() - began
        words += len(shown.committed) + shown.shown
        memory.append(_memory_mb())
        _tell_how_far(name, minute + 1, _MINUTES)
    return {"words": words, "cpu": cpu / (60 * _MINUTES), "grown": memory[-1] - memory[1]}


def _tell_how_far(part: str, done: int, whole: int) -> None:
    print(f"  {part}: {done} of {whole} minutes", file=sys.stderr, flush=True)


def _long() -> dict[str, Any]:
    """Four hours of words with a model that costs nothing: memory, and time a reading takes."""
    with tempfile.TemporaryDirectory() as folder:
        header = Header(id="long", began=0.0, options=LiveOptions(speakers=False))
        kept = Kept.create(Path(folder), header)
        session = LiveSession(kept, Pace([LevelDecoder()]), None, activity=talks)
        minute = spoken([*WORDS[:50], *[""] * 5] * round(60 / WORD / 55 + 0.5))
        data = pcm(minute)[: 60 * SAMPLE_RATE * 2]
        costs = []
        memory = []
        for _minute in range(60 * _HOURS):
            began = time.process_time()
            for first in range(0, len(data), 16_000):
                session.feed(data[first : first + 16_000])
                while session.advance() == 0.0:
                    pass
            costs.append(time.process_time() - began)
            memory.append(_memory_mb())
        words = len(session.captions.words)
    return {
        "words": words,
        "first": sum(costs[:10]) / 10,
        "last": sum(costs[-10:]) / 10,
        "grown": memory[-1] - memory[9],
    }


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _write(found: dict[str, Any]) -> None:
    systems = {"ours": "trax", "peer": "whisper_streaming's policy"}
    rows = [row for part, name in systems.items() for row in _rows(name, found.get(part, []))]
    fast = {each["recording"]: each for each in found.get("fast", [])}
    for row in rows:
        each = fast.get(str(row["recording"]))
        row["fast WER %"] = round(100 * each["errors"] / each["length"], 1) if each else ""
    notes = [
        conditions(),
        f"{MODEL}, one thread, int8; CPU time is taken for time. Latency from a word's end by its "
        "own times; flicker: tentative words shown that the next update took back.",
        *_speaker_notes(found.get("speakers", []), found.get("ours", [])),
        *_growth_notes(found.get("growth", [])),
        *_sound_notes(found),
        *_long_notes(found.get("long")),
    ]
    missing = [part for part in _PARTS if part not in found]
    if missing:
        notes.append(f"not measured: {', '.join(missing)}")
    write("live", rows, notes)


def _speaker_notes(speakers: list[dict[str, Any]], ours: list[dict[str, Any]]) -> Iterator[str]:
    for each in speakers:
        yield (
            f"{each['recording']}: DER {100 * each['live']:.1f} % as told within {_TELL:.0f} s, "
            f"{100 * each['offline']:.1f} % offline"
        )
    if speakers and ours:
        people = max(each["cost"] for each in speakers)
        cost = sum(each["cpu"] for each in ours) / sum(each["duration"] for each in ours)
        yield (
            f"speakers cost {people:.2f} CPU s a second more, so {2 / (cost + people):.1f} "
            f"sessions with speakers fit on two cores, and {2 / cost:.1f} without"
        )


def _sound_notes(found: dict[str, Any]) -> Iterator[str]:
    for name in _SOUNDS:
        if name in found:
            each = found[name]
            yield (
                f"{_MINUTES} minutes of {name}: {each['words']} words, {each['cpu']:.3f} CPU s/s, "
                f"memory grows by {each['grown']:.0f} MB after the second minute"
            )


def _growth_notes(growth: list[dict[str, Any]]) -> Iterator[str]:
    for each in growth:
        yield (
            f"speakers in minute {each['minute']} of a conversation that goes on: "
            f"{each['cost']:.1f} CPU s, {len(each['speakers'])} labels"
        )


def _long_notes(long: dict[str, Any] | None) -> Iterator[str]:
    if long is not None:
        yield (
            f"{_HOURS} hours with a scripted model, {long['words']} words: a minute costs "
            f"{long['first']:.2f} CPU s in the first ten minutes and {long['last']:.2f} in the "
            f"last; memory grows by {long['grown']:.0f} MB"
        )


def _rows(system: str, measured: list[dict[str, Any]]) -> list[Row]:
    return [
        {
            "system": system,
            "recording": each["recording"],
            "first p50": round(quantile(each["first"], 0.5), 2),
            "first p95": round(quantile(each["first"], 0.95), 2),
            "final p50": round(quantile(each["final"], 0.5), 2),
            "final p95": round(quantile(each["final"], 0.95), 2),
            "CPU s/s": round(each["cpu"] / each["duration"], 2),
            "flicker %": round(100 * each["changed"] / max(1, each["shown"]), 1),
            "WER %": round(100 * each["errors"] / each["length"], 1),
        }
        for each in measured
    ]


if __name__ == "__main__":
    arguments = sys.argv[1:]
    place = Path(arguments[0]) if arguments else Path(tempfile.mkdtemp())
    if arguments[1:2] == ["one"]:
        measure_part(place, arguments[2])
    else:
        main(place, arguments[1:])
