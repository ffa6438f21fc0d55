"""Recordings with a track for each speaker, read in three ways: ``python -m benchmarks.tracks``.

Conversations of two and three people are made of the corpus' clips: with more and less of it said
at the same time, and with more and less of each voice in the others' microphones, a little later
than in its own. Read are the mix of all tracks, every track as it is, and each track's own sound
(Trax). Speakers come from the tracks each time.
"""

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.corpus import Item, clips
from benchmarks.report import Row, write
from trax.asr import Recogniser, RecognitionOptions
from trax.audio import SAMPLE_RATE, Limits, StoredAudio, decode_to_flac
from trax.audio.bleed import above_bleed, own_sound
from trax.audio.joining import mix_tracks
from trax.audio.spliced import spliced
from trax.audio.tracks import track_levels, track_name
from trax.compose import build_workspace
from trax.diarization import DiarizationOptions, Diarizer
from trax.diarization.tracks import diarize_tracks
from trax.merge import attribute
from trax.merge.tracks import by_time
from trax.scoring import Scorable, Utterance, score
from trax.settings import load_settings
from trax.transcript import Diarization, Recognition

MODEL = "tiny.en"
OVERLAPS = (0.0, 0.15, 0.4)
BLEEDS_DB = (-90, -20, -10)
PEOPLE = (("1688", "1998"), ("1688", "1998", "2414"))
"""Readers, a conversation each; what was tuned was tuned on 2033 and 2609."""

_DELAY = 0.012  # seconds to another microphone: four metres
_HISS_DB = -66
_SECONDS = 15.0  # of speech of each reader, at most

Sound = NDArray[np.float32]
Read = Callable[["Call", Recogniser], Recognition]
_OPTIONS = RecognitionOptions(model=MODEL, language="en")


@dataclass(frozen=True, slots=True)
class Call:
    """A made conversation.

    Attributes:
        people: readers, a track each.
        overlap: share of each clip that is said while the one before it goes on.
        bleed_db: level of each voice in the other microphones.
        tracks: a mono file for each speaker.
        said: what each says.
    """

    people: Sequence[str]
    overlap: float
    bleed_db: int
    tracks: list[StoredAudio] = field(default_factory=list)
    said: list[Utterance] = field(default_factory=list)


def main() -> None:
    """Read every conversation in every way and write the results."""
    engines = build_workspace(load_settings()).engines
    recogniser = engines.recogniser(_OPTIONS)
    diarizer = engines.diarizer(DiarizationOptions(model="packaged"))
    rows: list[Row] = []
    for people, overlap, bleed_db in product(PEOPLE, OVERLAPS, BLEEDS_DB):
        with tempfile.TemporaryDirectory() as folder:
            call = made(Call(people, overlap, bleed_db), Path(folder))
            found = diarized(call, diarizer)
            if not rows:
                read_mix(call, recogniser)  # loads the model
            for way, read in WAYS.items():
                rows.append(_row(call, way, read, recogniser, found))
                print(rows[-1], file=sys.stderr, flush=True)
    notes = [
        f"{MODEL}; cpWER and tcpWER (5 s collar) by meeteval after Whisper's English normaliser. "
        "Most references are unofficial: compare rows, not with other corpora.",
        f"Voices reach other microphones {1000 * _DELAY:.0f} ms later; hiss at {_HISS_DB} dB.",
        "CPU s: recognition alone, models loaded, per second of the recording.",
    ]
    write("tracks", [*_totals(rows), *rows], notes)


def read_mix(call: Call, recogniser: Recogniser) -> Recognition:
    """All tracks added up."""
    mix = call.tracks[0].path.with_name("mix.flac")
    mix_tracks([track.path for track in call.tracks], mix, None)
    return recogniser.recognise(StoredAudio.open(mix), _OPTIONS, lambda _share: None)


def read_whole(call: Call, recogniser: Recogniser) -> Recognition:
    """Each track as it is, others' voices included."""
    loudness = track_levels(call.tracks)
    audio = spliced(call.tracks, np.full(loudness.shape, True))
    read = recogniser.recognise(audio, _OPTIONS, lambda _share: None)
    return by_time(read, audio, np.full(loudness.shape, np.inf, dtype=np.float32))


def read_own(call: Call, recogniser: Recogniser) -> Recognition:
    """The own sound of each track, as the stage reads it."""
    loudness = track_levels(call.tracks)
    above = above_bleed(loudness)
    audio = spliced(call.tracks, own_sound(loudness, above))
    read = recogniser.recognise(audio, _OPTIONS, lambda _share: None)
    return by_time(read, audio, above)


WAYS: dict[str, Read] = {
    "mix": read_mix,
    "whole tracks": read_whole,
    "own sound (Trax)": read_own,
}


def diarized(call: Call, diarizer: Diarizer) -> Diarization:
    """Who speaks when, by track."""
    loudness = track_levels(call.tracks)
    options = DiarizationOptions(names=tuple(call.people))
    return diarize_tracks(call.tracks, loudness, diarizer, options, lambda _share: None)


def made(call: Call, folder: Path) -> Call:
    """The conversation with its sound in *folder*."""
    voices, said = _voices(call, folder)
    bleed = 10 ** (call.bleed_db / 20)
    delayed = np.pad(voices, ((0, 0), (round(_DELAY * SAMPLE_RATE), 0)))[:, : voices.shape[1]]
    hiss = np.random.default_rng(0).normal(0, 10 ** (_HISS_DB / 20), voices.shape)
    heard = voices + bleed * (delayed.sum(axis=0) - delayed) + hiss
    tracks = []
    for at, sound in enumerate(heard):
        path = folder / f"{track_name(at)}.flac"
        soundfile.write(str(path), sound.clip(-1, 1), SAMPLE_RATE)
        tracks.append(StoredAudio.open(path))
    return Call(call.people, call.overlap, call.bleed_db, tracks, said)


def _voices(call: Call, folder: Path) -> tuple[Sound, list[Utterance]]:
    """Each reader's sound, shape ``(people, frames)``, and what they say."""
    by_reader = [list(_clips(reader)) for reader in call.people]
    rounds = min(map(len, by_reader))
    said: list[Utterance] = []
    parts: list[tuple[int, int, Sound]] = []
    start = SAMPLE_RATE
    for turn, person in product(range(rounds), range(len(call.people))):
        item = by_reader[person][turn]
        sound = _sound(item, folder)
        parts.append((person, start, sound))
        end = start + len(sound)
        said.append(
            Utterance(call.people[person], item.text, start / SAMPLE_RATE, end / SAMPLE_RATE)
        )
        start = end - round(call.overlap * len(sound))
    voices = np.zeros((len(call.people), max(at + len(each) for _, at, each in parts)))
    for person, at, sound in parts:
        voices[person, at : at + len(sound)] += sound
    return voices.astype(np.float32), said


def _clips(reader: str) -> Iterator[Item]:
    """The first clips of a reader."""
    seconds = 0.0
    for item in clips():
        if item.facts["speaker"] == reader and seconds < _SECONDS:
            seconds += item.facts["duration"]
            yield item


def _sound(item: Item, folder: Path) -> Sound:
    mono = folder / "clip.flac"
    decode_to_flac(item.audio, mono, Limits())
    samples: Sound
    samples, _rate = soundfile.read(str(mono), dtype="float32")
    return samples


def _row(call: Call, way: str, read: Read, recogniser: Recogniser, found: Diarization) -> Row:
    began = time.process_time()
    recognition = read(call, recogniser)
    seconds = time.process_time() - began
    spoken = []
    for segment in attribute(recognition, found):
        name = found.names.get(segment.speaker or "", "?")
        spoken.append(Utterance(name, segment.text, segment.start, segment.end))
    scores = score(Scorable(spoken, []), Scorable(call.said, []))
    row: Row = {
        "people": len(call.people),
        "overlap %": round(100 * call.overlap),
        "bleed dB": call.bleed_db,
        "way": way,
    }
    for name, rate in (("cpWER %", scores.cpwer), ("tcpWER %", scores.tcpwer)):
        assert rate is not None
        row[name] = 100 * rate.rate
    row["words"] = sum(len(each.text.split()) for each in spoken)
    row["CPU s per audio s"] = seconds / call.tracks[0].duration
    return row


def _totals(rows: Sequence[Row]) -> list[Row]:
    """The mean of each overlap and way over everything else."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[str(row["overlap %"]), str(row["way"])].append(row)
    found = []
    for (overlap, way), some in groups.items():
        mean: Row = {"people": "all", "overlap %": overlap, "bleed dB": "all", "way": way}
        for name in ("cpWER %", "tcpWER %", "words", "CPU s per audio s"):
            mean[name] = float(np.mean([float(row[name]) for row in some]))
        found.append(mean)
    return found


if __name__ == "__main__":
    main()
