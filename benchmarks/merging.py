"""What each rule that gives words to speakers is worth: ``python -m benchmarks.merging
[FOLDER [COUNT]]``.

Words and turns are made once a recording, by the default plans, and kept in FOLDER; then the rules
are tried one by one. Besides the corpus' conversations there are those made here of its clips, of
two to five people, whose turns begin about when the one before ends.
"""

import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks.corpus import conversations, corpus
from benchmarks.intervals import error_rate
from benchmarks.keeping import kept_or_made
from benchmarks.report import Row, write
from benchmarks.talkers import NOT_ONE_PERSON
from trax.asr import RecognitionOptions
from trax.audio import SAMPLE_RATE, Limits, StoredAudio, decode_to_flac
from trax.compose import build_workspace
from trax.diarization import DiarizationOptions
from trax.merge import assign_speakers, split_by_speaker
from trax.merge.speakers import rejoin_stray_words
from trax.scoring import Scorable, Utterance, read_scorable, score
from trax.settings import load_settings
from trax.stages.chunks import diarize_in_chunks
from trax.transcript import Diarization, Recognition, Segment, Word

_MADE = 24  # conversations
_LONGEST_CLIP = 9.0  # seconds
_FEWEST_CLIPS = 3  # that somebody must have
_MOST_CLIPS = 4  # of one person in a conversation
Clip = tuple[Path, str]  # and what is said in it
People = dict[str, list[Clip]]
Rule = Callable[[Sequence[Word], Diarization], list[Word]]

RULES: dict[str, Rule] = {
    "most of the word in a turn": lambda words, who: assign_speakers(
        words, who.exclusive_turns, who.turns
    ),
    "vote by probability": lambda words, who: assign_speakers(
        words, who.exclusive_turns, who.turns, who.activity
    ),
    "turns, then stray words rejoined": lambda words, who: rejoin_stray_words(
        assign_speakers(words, who.exclusive_turns, who.turns)
    ),
    "probability, then stray words rejoined (Trax)": lambda words, who: rejoin_stray_words(
        assign_speakers(words, who.exclusive_turns, who.turns, who.activity)
    ),
}


def main(folder: Path, count: int) -> None:
    """Score every rule on the corpus' conversations and *count* made here."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds: dict[str, dict[str, list[Merged]]] = {}
    for name, audio, reference in [*_corpus(), *_made_of_clips(folder, count)]:
        recognition, diarization = kept_or_made(folder / f"{name}.pickle", partial(_found, audio))
        kind = _kind(name, reference)
        for rule, apply in RULES.items():
            merged = _merged(_with(apply, recognition, diarization), reference)
            kinds.setdefault(kind, {}).setdefault(rule, []).append(merged)
        print(name, kinds[kind][rule][-1], file=sys.stderr, flush=True)
    together: dict[str, list[Merged]] = {}
    for rules in kinds.values():
        for rule, some in rules.items():
            together.setdefault(rule, []).extend(some)
    rows = [_row(kind, rule, some) for kind, rules in kinds.items() for rule, some in rules.items()]
    rows += [_row("all", rule, some) for rule, some in together.items()]
    notes = [
        "cpWER - WER in points, with 95 % intervals by a bootstrap over recordings; below 0 where "
        "a wrong word fits another speaker.",
        "Made of whole clips (four of LibriSpeech, four of orders, in turn), pauses "
        "between speakers of 0.2 s on average, standard deviation 0.45 s. Words by `balanced`.",
        "Right number: of recordings in which as many people were found as speak.",
    ]
    write("merging", rows, notes)


@dataclass(frozen=True, slots=True)
class Merged:
    """Errors in words of one recording, without and with who said them.

    Attributes:
        people: how many speak.
        found: how many were found to.
    """

    wrong: int
    misplaced: int
    length: int
    people: int
    found: int


def _merged(found: Scorable, reference: Scorable) -> Merged:
    scores = score(found, reference)
    assert scores.wer is not None
    assert scores.cpwer is not None
    return Merged(
        wrong=scores.wer.errors,
        misplaced=scores.cpwer.errors - scores.wer.errors,
        length=scores.wer.length,
        people=_people(reference),
        found=_people(found),
    )


def _people(said: Scorable) -> int:
    return len({each.speaker for each in said.utterances})


def _kind(name: str, reference: Scorable) -> str:
    return f"made, {_people(reference)} people" if name.startswith("made") else "conversations"


def _row(kind: str, rule: str, some: Sequence[Merged]) -> Row:
    words = [each.length for each in some]
    right = sum(each.people == each.found for each in some)
    return {
        "recordings": kind,
        "rule": rule,
        "number": len(some),
        "words": sum(words),
        "WER %": str(error_rate([each.wrong for each in some], words)),
        "cpWER - WER": str(error_rate([each.misplaced for each in some], words)),
        "right number": right,
    }


def _corpus() -> Iterator[tuple[str, Path, Scorable]]:
    for item in conversations():
        yield item.audio.stem, item.audio, read_scorable(item.reference)


def _made_of_clips(folder: Path, count: int) -> Iterator[tuple[str, Path, Scorable]]:
    """Conversations of two to five people, readers of books and people who order in turn."""
    crowds = (_readers(), _customers())
    for seed in range(count):
        rng = np.random.default_rng(seed)
        people = crowds[seed // 4 % 2]
        chosen = rng.choice(sorted(people), 2 + seed % 4, replace=False).tolist()
        order = _order({name: people[name] for name in chosen}, rng)
        audio = folder / f"made_{seed:03d}.flac"
        yield audio.stem, audio, _written(audio, order, rng)


def _readers() -> People:
    return _people_of("clips", lambda facts: facts["file"].startswith("librispeech"))


def _customers() -> People:
    return _people_of("domain/train", lambda facts: facts["speaker"] not in NOT_ONE_PERSON)


def _people_of(folder: str, chosen: Callable[[dict[str, Any]], bool]) -> People:
    """Those with clips enough for a conversation."""
    people: People = defaultdict(list)
    for facts in filter(chosen, json.loads((corpus() / folder / "manifest.json").read_text())):
        if facts["speaker"] and facts["duration"] < _LONGEST_CLIP:
            clip = (corpus() / folder / facts["file"], facts["reference"])
            people[facts["speaker"]].append(clip)
    return {name: clips for name, clips in people.items() if len(clips) >= _FEWEST_CLIPS}


def _order(people: People, rng: np.random.Generator) -> list[tuple[str, Clip]]:
    """Clips with their speakers: nobody speaks twice in a row if somebody else is left."""
    left = {name: list(rng.permutation(len(some))[:_MOST_CLIPS]) for name, some in people.items()}
    order: list[tuple[str, Clip]] = []
    while any(left.values()):
        last = order[-1][0] if order else ""
        ready = [name for name, some in left.items() if some]
        others = [name for name in ready if name != last] or ready
        name = str(rng.choice(others))
        order.append((name, people[name][left[name].pop()]))
    return order


def _written(audio: Path, order: Sequence[tuple[str, Clip]], rng: np.random.Generator) -> Scorable:
    """Mix the clips into *audio*, and return what is said in it."""
    mono = audio.with_suffix(".clip.flac")
    mixed = np.zeros(0, dtype=np.float32)
    said = []
    at = SAMPLE_RATE // 2
    for speaker, (clip, text) in order:
        decode_to_flac(clip, mono, Limits())
        samples, _ = soundfile.read(str(mono), dtype="float32")
        end = at + len(samples)
        mixed = np.pad(mixed, (0, max(0, end + SAMPLE_RATE - len(mixed))))
        mixed[at:end] += samples
        said.append(Utterance(speaker, text, at / SAMPLE_RATE, end / SAMPLE_RATE))
        at = end + round(float(np.clip(rng.normal(0.2, 0.45), -0.8, 2.0)) * SAMPLE_RATE)
    soundfile.write(str(audio), mixed.clip(-1, 1), SAMPLE_RATE)
    mono.unlink()
    return Scorable(said, [])


def _found(audio: Path) -> tuple[Recognition, Diarization]:
    """What the default plans find."""
    workspace = build_workspace(load_settings())
    stored = StoredAudio.open(audio)
    spoken = RecognitionOptions(language="en")
    recogniser = workspace.engines.recogniser(spoken)
    recognition = recogniser.recognise(stored, spoken, lambda _share: None)
    options = DiarizationOptions(model="packaged")
    diarizer = workspace.engines.diarizer(options)
    return recognition, diarize_in_chunks(diarizer, options, stored, lambda _share: None)


def _with(rule: Rule, recognition: Recognition, diarization: Diarization) -> Scorable:
    words = rule([word for segment in recognition.segments for word in segment.words], diarization)
    if not words:
        return Scorable([], [])
    pieces = split_by_speaker(Segment(words[0].start, words[-1].end, tuple(words)))
    said = [Utterance(each.speaker or "?", each.text, each.start, each.end) for each in pieces]
    return Scorable(said, [])


if __name__ == "__main__":
    match sys.argv[1:]:
        case [kept, *made]:
            main(Path(kept), int(made[0]) if made else _MADE)
        case _:
            with tempfile.TemporaryDirectory() as temporary:
                main(Path(temporary), _MADE)
