"""Plans beside plain faster-whisper: words and cost. ``python -m benchmarks.recognition
[FOLDER [SYSTEM...]]``.

Every system in a process of its own, models loaded once, same weights and threads; CPU seconds
without loading. English clips and conversations, official and unofficial references apart; then ten
minutes of conversation for speed. What was measured is kept in FOLDER, so that a run that was
stopped goes on where it ended. `benchmarks.confidence` judges the confidence of words.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.corpus import clips, conversations
from benchmarks.intervals import difference, error_rate, verdict
from benchmarks.measure import measure
from benchmarks.report import Row, write
from trax.asr import RecognitionOptions
from trax.asr.plan import PLANS
from trax.audio import SAMPLE_RATE, Limits, StoredAudio, decode_to_flac
from trax.compose import build_workspace
from trax.engines import recognition_model
from trax.scoring.words import word_error_rate
from trax.settings import load_settings
from trax.testing import applause, hold_tone, music, noise

PEERS = ("plain tiny.en", "plain base", "batched tiny.en")
OURS = ("fast", "tiny.en", "base", "balanced", "accurate")
_SPEED = ("plain tiny.en", "batched tiny.en", "fast", "fast beam 3")  # read ten minutes as well
_TEN_MINUTES = "ten minutes"
_KINDS = ("", "official", "unofficial", "conversation")
Read = Callable[[Path], str]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording and what is said in it."""

    audio: Path
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What one system made of one recording.

    Attributes:
        errors: in words.
        length: words of the reference.
    """

    audio: str
    kind: str
    errors: int
    length: int
    cpu: float
    wall: float
    duration: float


def main(folder: Path, systems: Sequence[str]) -> None:
    """Run *systems* over what *folder* has no figures of yet, and write the results."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "list.json").exists():
        recordings = [*_recordings(folder), _ten_minutes(folder / "ten.flac")]
        listed = [[str(each.audio), each.text, each.kind] for each in recordings]
        (folder / "list.json").write_text(json.dumps(listed))
    for system in systems:
        print(system, file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "benchmarks.recognition", "one", str(folder), system]
        measure(command, dict(os.environ), folder / "log")
    found = {system: list(measured(path_of(folder, system))) for system in systems}
    notes = [
        "WER after Whisper's English normaliser, with 95 % intervals by a bootstrap over "
        "recordings. CPU seconds are the process's own, models loaded before.",
        "plain: faster-whisper sequential, batched: its pipeline with 8, both beam 5, word "
        "times, voice activity.",
        *_differences(found),
    ]
    if set(PEERS) | set(OURS) <= set(systems):
        notes.append(_gain(found))
        command = [sys.executable, "-m", "benchmarks.recognition", "sounds"]
        words = measure(command, dict(os.environ), folder / "log").output.strip()
        notes.append(
            "words over thirty seconds each of silence, noise, music, hold tone, applause, all "
            f"plans: {words}"
        )
    rows = [_row(system, some) for system, some in found.items()]
    rows += [_speed(system, some) for system, some in found.items() if system in _SPEED]
    write("recognition", rows, notes)


def path_of(folder: Path, system: str) -> Path:
    """Where the figures of *system* are kept."""
    return folder / f"{system.replace(' ', '-')}.jsonl"


def measured(path: Path) -> Iterator[Measured]:
    """The figures kept at *path*."""
    if path.exists():
        for line in path.read_text().splitlines():
            yield Measured(**json.loads(line))


def _gain(found: dict[str, list[Measured]]) -> str:
    """What balanced gains of what the larger model gains, and at what share of its cost."""
    wrong = {system: _rate(some) for system, some in found.items()}
    cost = {system: _cpu(some) for system, some in found.items()}
    told = []
    for small, large in (("plain tiny.en", "plain base"), ("tiny.en", "base")):
        gained = (wrong[small] - wrong["balanced"]) / (wrong[small] - wrong[large])
        spent = (cost["balanced"] - cost[small]) / (cost[large] - cost[small])
        told.append(
            f"of the gain of {large} over {small}: {gained:.0%} at {spent:.0%} of its extra "
            "CPU seconds"
        )
    ratio = wrong["accurate"] / wrong["plain base"]
    return f"balanced: {'; '.join(told)}. accurate: {ratio:.3f} times the WER of plain base."


def _differences(found: dict[str, list[Measured]]) -> Iterator[str]:
    """How each system's errors differ from the batched peer's on the same recordings."""
    peer = {each.audio: each.errors for each in _texts(found.get("batched tiny.en", []))}
    for system, some in found.items():
        ours = [each for each in _texts(some) if each.audio in peer]
        if not ours or system == "batched tiny.en":
            continue
        others = [peer[each.audio] for each in ours]
        lengths = [each.length for each in ours]
        points = difference([each.errors for each in ours], others, lengths)
        yield f"{system}: points of WER above batched tiny.en, paired: {verdict(points)}"


def _texts(some: Sequence[Measured], kind: str = "") -> list[Measured]:
    """The recordings whose text is known, of one kind or all."""
    return [each for each in some if each.length and kind in ("", each.kind)]


def _rate(some: Sequence[Measured]) -> float:
    known = _texts(some)
    return sum(each.errors for each in known) / sum(each.length for each in known)


def _cpu(some: Sequence[Measured]) -> float:
    return sum(each.cpu for each in _texts(some))


def _recordings(work: Path) -> Iterator[Spoken]:
    for at, item in enumerate(clips()):
        flac = work / f"clip{at}.flac"
        decode_to_flac(item.audio, flac, Limits())
        yield Spoken(flac, item.text, item.facts["reference_kind"].partition(":")[0])
    for item in conversations():
        said = sorted(json.loads(item.reference.read_text()), key=lambda each: each["start_time"])
        yield Spoken(item.audio, " ".join(each["words"] for each in said), "conversation")


def _ten_minutes(path: Path) -> Spoken:
    """Conversations one after the other, cut at ten minutes."""
    samples = [soundfile.read(str(item.audio), dtype="int16")[0] for item in conversations()]
    soundfile.write(str(path), np.concatenate(samples * 3)[: 600 * SAMPLE_RATE], SAMPLE_RATE)
    return Spoken(path, "", _TEN_MINUTES)


def _row(system: str, some: Sequence[Measured]) -> Row:
    known = _texts(some)
    row: Row = {"system": system, "CPU s": _cpu(some)}
    for kind in _KINDS:
        own = _texts(known, kind)
        rate = error_rate([each.errors for each in own], [each.length for each in own])
        row[f"WER % {kind}".strip()] = str(rate)
    seconds = sum(each.duration for each in known)
    return row | {"CPU s per audio s": round(_cpu(some) / seconds, 4)}


def _speed(system: str, some: Sequence[Measured]) -> Row:
    (ten,) = [each for each in some if each.kind == _TEN_MINUTES]
    return {
        "system": f"{system}, ten minutes",
        "CPU s": ten.cpu,
        "CPU s per audio s": round(ten.cpu / ten.duration, 4),
        "audio s per CPU s": ten.duration / ten.cpu,
    }


def one_system(folder: Path, system: str) -> None:
    """Run one system over the recordings listed in *folder*, a line of figures for each."""
    path = path_of(folder, system)
    known = {each.audio for each in measured(path)}
    recordings = []
    for audio, text, kind in json.loads((folder / "list.json").read_text()):
        if audio not in known and (system in _SPEED or kind != _TEN_MINUTES):
            recordings.append(Spoken(Path(audio), text, kind))
    if not recordings:
        return
    read = _reader(system)
    read(recordings[0].audio)  # loads the models
    for each in recordings:
        with path.open("a") as lines:
            lines.write(json.dumps(asdict(_read(read, each))) + "\n")


def _read(read: Read, spoken: Spoken) -> Measured:
    began, processor = time.perf_counter(), time.process_time()
    text = read(spoken.audio)
    cpu, wall = time.process_time() - processor, time.perf_counter() - began
    rate = word_error_rate(spoken.text, text) if spoken.text else None
    return Measured(
        audio=str(spoken.audio),
        kind=spoken.kind,
        errors=rate.errors if rate else 0,
        length=rate.length if rate else 0,
        cpu=cpu,
        wall=wall,
        duration=StoredAudio.open(spoken.audio).duration,
    )


def _options(system: str) -> RecognitionOptions:
    """Of one of our plans or models: ``fast``, ``tiny.en``, ``fast beam 3``."""
    name, _, beam = system.partition(" beam ")
    known: dict[str, str | int] = {"language": "en"}
    known["plan" if name in PLANS else "model"] = name
    if beam:
        known["beam_size"] = int(beam)
    return RecognitionOptions.model_validate(known)


def _reader(system: str) -> Read:
    settings = load_settings()
    workspace = build_workspace(settings)
    way, _, model = system.partition(" ")
    if way not in ("plain", "batched"):
        options = _options(system)
        recogniser = workspace.engines.recogniser(options)

        def ours(path: Path) -> str:
            found = recogniser.recognise(StoredAudio.open(path), options, lambda _share: None)
            return " ".join(segment.text for segment in found.segments)

        return ours
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    folder = str(recognition_model(settings, model).folder())
    whisper = WhisperModel(
        folder,
        device=settings.chosen_device,
        compute_type=settings.chosen_compute_type,
        cpu_threads=settings.chosen_threads,
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
        case ["sounds"]:
            sounds()
        case ["one", folder, system]:
            one_system(Path(folder), system)
        case [kept, *systems]:
            main(Path(kept), systems or [*PEERS, *OURS])
        case _:
            with tempfile.TemporaryDirectory() as folder:
                main(Path(folder), [*PEERS, *OURS])
