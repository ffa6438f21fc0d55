"""Conversations made of clips, as many as wanted, with exact references.

``python -m benchmarks.generated FOLDER COUNT [FIRST_SEED]`` writes some of fold 1 as FLAC and RTTM
with a manifest.

A seed and a fold always give the same conversation. What is drawn: who and how many (1 to 6), how
they take turns, how loud each is, and the kind: ``clean``, ``room`` (a place for each person, some
noise), ``noise`` (an SNR of 5 to 30 dB, half of them in a room) and ``telephone``.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import oaconvolve

from benchmarks.acoustics import coloured_noise, draw_burst, draw_room, equalised, telephone, tilted
from benchmarks.corpus import Item
from benchmarks.speech_pieces import Reel, speech_of
from benchmarks.talkers import Talker, talkers
from benchmarks.turn_taking import Floor, Placed, draw_manners, spoken_spans
from trax.audio import SAMPLE_RATE
from trax.transcript import Turn

Samples = NDArray[np.float32]
Choice = TypeVar("Choice", str, int, float)

_KINDS = {"clean": 0.2, "room": 0.35, "noise": 0.25, "telephone": 0.2}
_PEOPLE = {1: 0.12, 2: 0.28, 3: 0.24, 4: 0.18, 5: 0.1, 6: 0.08}
_DURATIONS = {30.0: 0.5, 60.0: 0.3, 120.0: 0.2}  # seconds
_ONE_SOURCE = 0.6  # probability that all clips come from one collection
_LEVEL_DB = 8.0  # people are at most that much louder or softer than the middle
_FLOOR_DB = -60.0  # of a clean recording's own noise, under speech
_PEAK = 0.7
_HALL = 1.0  # seconds of reverberation of what strangers say
_PAUSE = 0.6  # a shorter one does not end a turn; in AMI's references 2 % are below 0.75 s


@dataclass(frozen=True, slots=True, eq=False)
class Conversation:
    """A recording and who speaks when in it.

    Attributes:
        samples: float32 in [-1, 1], mono, 16 kHz.
        turns: by start; pauses of 0.6 s and more are in none.
        kind: ``clean``, ``room``, ``noise`` or ``telephone``.
    """

    samples: Samples
    turns: list[Turn]
    kind: str

    @property
    def speakers(self) -> int:
        """How many people speak."""
        return len({turn.speaker for turn in self.turns})

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / SAMPLE_RATE


def generate(seed: int, *, fold: int) -> Conversation:
    """The conversation number *seed* of one half of the speakers, 0 or 1."""
    rng = np.random.default_rng([seed, fold])
    kind = _drawn(_KINDS, rng)
    duration = _drawn(_DURATIONS, rng)
    people = _people(kind, _drawn(_PEOPLE, rng), fold, rng)
    reels = [Reel(talker, rng) for talker in people]
    placed = Floor(draw_manners(len(people), rng), reels, rng).conversation(duration)
    duration = min(duration, max(each.end for each in placed) + 0.5)
    tracks = _tracks(placed, len(people), duration, rng)
    samples = _sounding(kind, tracks, _strangers(kind, people, fold), rng)
    samples *= np.float32(_PEAK / np.abs(samples).max() * 10 ** rng.uniform(-0.6, 0.0))
    return Conversation(samples, _turns(placed, people, duration), kind)


def _drawn(choices: dict[Choice, float], rng: np.random.Generator) -> Choice:
    return list(choices)[rng.choice(len(choices), p=list(choices.values()))]


def _people(kind: str, count: int, fold: int, rng: np.random.Generator) -> list[Talker]:
    """Different people, more often those of whom there is more to hear."""
    known = [talker for talker in talkers(fold) if kind in talker.kinds]
    if rng.random() < _ONE_SOURCE:
        sources = [talker.source for talker in known if not talker.exclusive]
        chosen = sources[rng.integers(len(sources))]
        same = [talker for talker in known if talker.source == chosen]
        known = same if len(same) >= count else known
    people: list[Talker] = []
    while len(people) < count:
        weights = np.array([min(talker.seconds, 40.0) ** 2 for talker in known])
        talker = known.pop(rng.choice(len(known), p=weights / weights.sum()))
        people.append(talker)
        if talker.exclusive:
            known = [each for each in known if each.source != talker.source or not each.exclusive]
    return people


def _strangers(kind: str, people: list[Talker], fold: int) -> list[Talker]:
    """Who may be heard as babble."""
    names = {talker.name for talker in people}
    known = (talker for talker in talkers(fold) if kind in talker.kinds)
    return [talker for talker in known if talker.name not in names and not talker.exclusive]


def _tracks(
    placed: list[Placed], people: int, duration: float, rng: np.random.Generator
) -> list[Samples]:
    """What each person who speaks says, dry, at a level of their own."""
    levels = np.clip(rng.normal(0.0, _LEVEL_DB / 2, people), -_LEVEL_DB, _LEVEL_DB)
    tracks = [np.zeros(round(duration * SAMPLE_RATE), dtype=np.float32) for _ in levels]
    for each in placed:
        gain = 10 ** ((levels[each.speaker] + rng.normal(0.0, 1.0)) / 20)
        first = round(each.start * SAMPLE_RATE)
        samples = each.piece.samples[max(0, -first) :] * np.float32(gain)
        room = tracks[each.speaker][max(0, first) :][: len(samples)]
        room += samples[: len(room)]
    return [track for track in tracks if track.any()]


def _sounding(
    kind: str, tracks: list[Samples], strangers: list[Talker], rng: np.random.Generator
) -> Samples:
    """The people together, as their place and line make them sound."""
    if kind == "room" or (kind == "noise" and rng.random() < 0.5):
        responses = draw_room(len(tracks), rng)
        pairs = zip(equalised(tracks), responses, strict=True)
        tracks = [_heard(track, response) for track, response in pairs]
    if kind == "telephone":
        tracks = [tilted(track, rng.uniform(-0.6, 0.6)) for track in tracks]
    mixed = np.asarray(np.sum(tracks, axis=0, dtype=np.float32))
    speech = float(np.sqrt(np.mean(mixed[np.abs(mixed) > 1e-3] ** 2)))
    if kind == "clean":
        return _with_noise(mixed, "pink", speech, -_FLOOR_DB, rng)
    if kind == "noise" and rng.random() < 0.4:
        mixed += _babble(strangers, len(mixed), rng) * _gain(speech, rng.uniform(15, 30))
    least, most = {"room": (15, 35), "noise": (5, 30), "telephone": (15, 40)}[kind]
    colour = str(rng.choice(["white", "pink", "brown"], p=[0.2, 0.5, 0.3]))
    mixed = _with_noise(mixed, colour, speech, rng.uniform(least, most), rng)
    mixed = _with_bursts(mixed, speech, rng)
    return (
        telephone(mixed / np.abs(mixed).max() * np.float32(0.9)) if kind == "telephone" else mixed
    )


def _heard(track: Samples, response: Samples) -> Samples:
    return np.asarray(oaconvolve(track, response)[: len(track)], dtype=np.float32)


def _gain(speech: float, snr_db: float) -> np.float32:
    return np.float32(speech * 10 ** (-snr_db / 20))


def _with_noise(
    mixed: Samples, colour: str, speech: float, snr_db: float, rng: np.random.Generator
) -> Samples:
    return mixed + coloured_noise(colour, len(mixed), rng) * _gain(speech, snr_db)


def _with_bursts(mixed: Samples, speech: float, rng: np.random.Generator) -> Samples:
    """Laughter, breath and knocks here and there, up to four a minute."""
    for _ in range(rng.poisson(rng.uniform(0, 4) * len(mixed) / SAMPLE_RATE / 60)):
        burst = draw_burst(rng) * _gain(speech, rng.uniform(-6, 12))
        at = int(rng.integers(max(1, len(mixed) - len(burst))))
        room = mixed[at:][: len(burst)]
        room += burst[: len(room)]
    return mixed


def _babble(strangers: list[Talker], length: int, rng: np.random.Generator) -> Samples:
    """Ten people far away in a hall, with an RMS of 1; none of them can be followed."""
    mixed = np.zeros(length, dtype=np.float32)
    for index in rng.permutation(len(strangers))[:10]:
        clips = strangers[index].clips
        said = speech_of(clips[rng.integers(len(clips))]).samples
        mixed += np.resize(np.roll(said, int(rng.integers(len(said)))), length)
    seconds = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    hall = rng.standard_normal(SAMPLE_RATE) * np.exp(-6.9 * seconds / _HALL)
    mixed = _heard(mixed, hall.astype(np.float32))
    return np.asarray(mixed / np.sqrt(np.mean(mixed**2)), dtype=np.float32)


def _turns(placed: list[Placed], people: list[Talker], duration: float) -> list[Turn]:
    """The reference, by start."""
    turns: list[Turn] = []
    for speaker, start, end in sorted(spoken_spans(placed, duration)):
        name = people[speaker].name
        if turns and turns[-1].speaker == name and start - turns[-1].end < _PAUSE:
            start = turns.pop().start
        turns.append(Turn(start, end, name))
    return sorted(turns, key=lambda turn: (turn.start, turn.end))


def write_conversations(folder: Path, count: int, *, fold: int, first_seed: int = 0) -> list[Item]:
    """Write *count* conversations as FLAC and RTTM, and their manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    seeds = range(first_seed, first_seed + count)
    items = [_written(folder, seed, fold) for seed in seeds]
    entries = json.dumps([item.facts for item in items], indent=1)
    (folder / "manifest.json").write_text(entries + "\n")
    return items


def _written(folder: Path, seed: int, fold: int) -> Item:
    conversation = generate(seed, fold=fold)
    audio = folder / f"generated_{fold}_{seed:05d}.flac"
    reference = audio.with_suffix(".rttm")
    soundfile.write(str(audio), conversation.samples, SAMPLE_RATE)
    reference.write_text(rttm(audio.stem, conversation.turns))
    facts = {
        "file": audio.name,
        "rttm": reference.name,
        "seed": seed,
        "fold": fold,
        "kind": conversation.kind,
        "duration": conversation.duration,
        "speakers": conversation.speakers,
    }
    return Item(audio, reference, "", facts)


def rttm(name: str, turns: list[Turn]) -> str:
    """Turns as the lines of an RTTM file."""
    lines = []
    for turn in turns:
        times = f"{turn.start:.3f} {turn.duration:.3f}"
        lines.append(f"SPEAKER {name} 1 {times} <NA> <NA> {turn.speaker} <NA> <NA>\n")
    return "".join(lines)


if __name__ == "__main__":
    target, count, *first = sys.argv[1:]
    write_conversations(Path(target), int(count), fold=1, first_seed=int(first[0]) if first else 0)
