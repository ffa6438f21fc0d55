"""What each rule that gives words to speakers is worth: ``python -m benchmarks.merging``.

Words and turns are made once a recording, by the default plans; then the rules are tried one by
one. Besides the corpus' conversations there are four made here of its clips, each of which begins
about when the one before it ends.
"""

import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.corpus import all_clips, conversations
from benchmarks.report import Row, write
from trax.asr import RecognitionOptions
from trax.audio import Limits, StoredAudio, decode_to_flac
from trax.compose import build_workspace
from trax.diarization import DiarizationOptions
from trax.merge import assign_speakers, split_by_speaker
from trax.merge.speakers import rejoin_stray_words
from trax.scoring import Scorable, Utterance, read_scorable, score
from trax.settings import load_settings
from trax.stages.chunks import diarize_in_chunks
from trax.transcript import Diarization, Recognition, Segment, Word

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


def main() -> None:
    """Score every rule on every recording."""
    rows: dict[str, Row] = {name: {"rule": name} for name in RULES}
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    with tempfile.TemporaryDirectory() as folder:
        for name, audio, reference in [*_corpus(), *_tight(Path(folder))]:
            recognition, diarization = _made(audio)
            for rule in RULES:
                scores = score(_with(RULES[rule], recognition, diarization), reference)
                assert scores.wer is not None
                assert scores.cpwer is not None
                rows[rule][name] = 100 * (scores.cpwer.rate - scores.wer.rate)
                totals[rule][0] += scores.wer.errors
                totals[rule][1] += scores.cpwer.errors
                totals[rule][2] += scores.wer.length
            print(
                name,
                {rule: round(float(row[name]), 2) for rule, row in rows.items()},
                file=sys.stderr,
                flush=True,
            )
    for rule, (wrong, cp_wrong, total) in totals.items():
        rows[rule] |= {"all": 100 * (cp_wrong - wrong) / total, "words": total}
    write(
        "merging",
        list(rows.values()),
        ["cpWER - WER in points; below 0 where a wrong word fits another speaker."],
    )


def _corpus() -> Iterator[tuple[str, Path, Scorable]]:
    for item in conversations():
        yield item.audio.stem, item.audio, read_scorable(item.reference)


def _tight(folder: Path) -> Iterator[tuple[str, Path, Scorable]]:
    """Three speakers' clips with gaps from -0.4 to 0.1 seconds."""
    clips = defaultdict(list)
    for item in all_clips():
        if item.facts["speaker"] and item.facts["language"] == "en" and item.facts["duration"] < 9:
            clips[item.facts["speaker"]].append(item)
    speakers = sorted(speaker for speaker, some in clips.items() if len(some) >= 4)
    for seed in range(4):
        chance = random.Random(seed)
        chosen = chance.sample(speakers, 3)
        order = [
            (speaker, item)
            for turn in range(4)
            for speaker in chosen
            for item in [clips[speaker][turn]]
        ]
        parts: list[tuple[int, NDArray[np.float32]]] = []
        said, at = [], 8_000
        for speaker, item in order:
            mono = folder / "clip.flac"
            decode_to_flac(item.audio, mono, Limits())
            samples, _ = soundfile.read(str(mono), dtype="float32")
            parts.append((at, samples))
            said.append(Utterance(speaker, item.text, at / 16_000, (at + len(samples)) / 16_000))
            at += len(samples) + round(chance.uniform(-0.4, 0.1) * 16_000)
        mixed = np.zeros(at + 16_000, dtype=np.float32)
        for start, samples in parts:
            mixed[start : start + len(samples)] += samples
        audio = folder / f"tight_{seed}.flac"
        soundfile.write(str(audio), mixed.clip(-1, 1), 16_000)
        yield audio.stem, audio, Scorable(said, [])


def _made(audio: Path) -> tuple[Recognition, Diarization]:
    workspace = build_workspace(load_settings())
    stored = StoredAudio.open(audio)
    spoken = RecognitionOptions(language="en")
    recognition = workspace.engines.recogniser(spoken).recognise(
        stored, spoken, lambda _share: None
    )
    options = DiarizationOptions(model="packaged")
    return recognition, diarize_in_chunks(
        workspace.engines.diarizer(options), options, stored, lambda _share: None
    )


def _with(rule: Rule, recognition: Recognition, diarization: Diarization) -> Scorable:
    words = rule([word for segment in recognition.segments for word in segment.words], diarization)
    if not words:
        return Scorable([], [])
    pieces = split_by_speaker(Segment(words[0].start, words[-1].end, tuple(words)))
    said = [Utterance(each.speaker or "?", each.text, each.start, each.end) for each in pieces]
    return Scorable(said, [])


if __name__ == "__main__":
    main()
