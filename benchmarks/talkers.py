"""The people whose clips generated conversations are made of, in two halves that share nobody.

Fold 0 holds the spoken orders of ``domain/train`` and FLEURS in German, English and Spanish; fold
1 holds LibriSpeech (also what one person says alone in the spliced conversations), the orders of
``domain/dev`` and the rest. Tuning on fold 0 therefore touches no voice of the corpus' own
conversations.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from benchmarks.corpus import corpus
from trax.scoring import read_scorable
from trax.transcript import Span, Turn

ALL_KINDS = frozenset({"clean", "room", "noise", "telephone"})
_ALREADY_ROOM = frozenset({"room", "noise"})
_SHORTEST_ALONE = 1.0  # seconds that somebody must speak alone in a spliced conversation
_MARGIN = 0.1  # seconds kept away from another speaker
NOT_ONE_PERSON = {f"cluster{number:02d}" for number in (0, 1, 2, 3, 6, 7, 13, 34)}
"""Clusters of orders that are not one person each: two clips of one are as unlike as strangers.

A cosine of CAM++ voices is below 0.4 there and above 0.5 in all others; 34 is 15 once more (0.8).
"""

_FIRST_FOLD = {"domain/train", "fleurs-de", "fleurs-en", "fleurs-es", "ljspeech", "jfk"}


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of a file in which one person speaks.

    Attributes:
        span: seconds of the file; ``None`` means all of it.
    """

    path: Path
    span: Span | None
    duration: float


@dataclass(frozen=True, slots=True)
class Talker:
    """One person and the clips to hear them in.

    Attributes:
        source: the collection, whose clips sound alike.
        exclusive: whether nobody knows who it is: a conversation holds one such talker of a source
            at most, because two may be the same person.
        kinds: the kinds of conversation that the clips' own sound allows.
    """

    name: str
    source: str
    clips: tuple[Clip, ...]
    exclusive: bool = False
    kinds: frozenset[str] = ALL_KINDS

    @property
    def fold(self) -> int:
        """0 or 1; all talkers of a source share it."""
        return 0 if self.source in _FIRST_FOLD else 1

    @property
    def seconds(self) -> float:
        """Seconds of all clips, pauses included."""
        return sum(clip.duration for clip in self.clips)


@lru_cache
def talkers(fold: int) -> tuple[Talker, ...]:
    """Everybody in one half, in the order of their names."""
    found = [*_from_clips(), *_from_domain("train"), *_from_domain("dev"), *_from_spliced()]
    chosen = (talker for talker in found if talker.fold == fold)
    return tuple(sorted(chosen, key=lambda talker: talker.name))


def _from_clips() -> Iterator[Talker]:
    """Named readers with all their clips; a clip of an unnamed one is a talker by itself."""
    known: dict[tuple[str, str], list[Clip]] = defaultdict(list)
    for entry in _manifest("clips"):
        clip = Clip(corpus() / "clips" / entry["file"], None, entry["duration"])
        folder = clip.path.parent.name
        if entry["speaker"]:
            known[folder, entry["speaker"]].append(clip)
            continue
        source = f"{folder}-{entry['language']}" if folder == "fleurs" else folder
        yield Talker(f"{source}/{clip.path.stem}", source, (clip,), exclusive=True)
    for (folder, name), clips in known.items():
        source = folder.removesuffix("-other")
        kinds = ALL_KINDS if folder == source else ALL_KINDS - {"clean"}  # noisy readings
        yield Talker(f"{source}/{name}", source, tuple(clips), kinds=kinds)


def _from_domain(part: str) -> Iterator[Talker]:
    source = f"domain/{part}"
    known: dict[str, list[Clip]] = defaultdict(list)
    for entry in _manifest(source):
        clip = Clip(corpus() / source / entry["file"], None, entry["duration"])
        if entry["speaker"] not in NOT_ONE_PERSON:
            known[entry["speaker"]].append(clip)
    for name, clips in known.items():
        yield Talker(f"domain/{name}", source, tuple(clips))


def _from_spliced() -> Iterator[Talker]:
    for entry in _manifest("diarization"):
        if entry["kind"] != "simulated":
            continue
        audio = corpus() / "diarization" / entry["file"]
        turns = read_scorable(audio.with_suffix(".rttm")).turns
        for name in sorted({turn.speaker for turn in turns}):
            spans = [span for span in _alone(turns, name) if span.duration >= _SHORTEST_ALONE]
            clips = tuple(Clip(audio, span, span.duration) for span in spans)
            if clips:
                yield Talker(f"librispeech/{name}", "librispeech", clips, kinds=_kinds(entry))


def _kinds(entry: dict[str, Any]) -> frozenset[str]:
    """The kinds of conversation that a spliced conversation's own room and line allow."""
    if "tel=True" in entry["note"]:
        return frozenset({"telephone"})
    if "reverb=True" in entry["note"] or "snr=None" not in entry["note"]:
        return _ALREADY_ROOM
    return ALL_KINDS


def _alone(turns: Sequence[Turn], name: str) -> Iterator[Span]:
    """Where *name* speaks and nobody else is near."""
    others = [turn for turn in turns if turn.speaker != name]
    for turn in turns:
        if turn.speaker != name:
            continue
        start = turn.start
        near = (other for other in others if other.overlap(turn) > 0)
        for other in sorted(near, key=lambda each: each.start):
            if other.start - _MARGIN > start:
                yield Span(start, other.start - _MARGIN)
            start = max(start, other.end + _MARGIN)
        if turn.end > start:
            yield Span(start, turn.end)


def _manifest(folder: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((corpus() / folder / "manifest.json").read_text())
    return entries
