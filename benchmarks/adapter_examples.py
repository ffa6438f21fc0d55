"""Speech that adapters of the benchmarks learn from, are judged by and are reported on."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks.adapter_weights import decoder_of, model_in
from benchmarks.corpus import corpus
from benchmarks.keeping import kept_or_made
from trax.adapters.examples import (
    LONGEST,
    Example,
    SpokenExamples,
    as_int16,
    read_examples,
    write_examples,
)
from trax.adapters.hearing import heard
from trax.adapters.sources import SpokenText
from trax.audio import SAMPLE_RATE
from trax.models import Model
from trax.scoring.documents import Utterance

KEPT_BACK = {"1688", "2414", "Allison Smith", "LJ"}
"""Speakers of general clips that adapters are judged by, and that are therefore not reported."""

Clip = tuple[Path, str, str, bool, tuple[str, ...]]
"""File, text, speaker, whether it is general speech, and terms."""

_HEARD_BY = "heard-by.txt"
_HEARD_AT_ONCE = 8  # examples


def data(weights: str, out: str, domain: str = "") -> None:
    """Gather examples as a job does: cut, checked, a part kept to judge by."""
    from trax.adapters.gathering import gather
    from trax.adapters.sources import spoken_texts
    from trax.audio import Limits

    ours = spoken_texts(Path(domain or corpus() / "domain" / "train" / "manifest.json"))
    model = model_in(weights)
    decoder = decoder_of(model)
    spoken, found = gather(ours, list(_general()), decoder, "en", Limits(), lambda _share: None)
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    write_examples(spoken, folder)
    (folder / "gathered.json").write_text(found.model_dump_json(indent=1) + "\n")
    (folder / _HEARD_BY).write_text(model.fingerprint + "\n")


def kept_examples(folder: Path) -> SpokenExamples:
    """What `data` left."""
    return read_examples(folder / "examples.json", folder / "sound.npy")


def own_words(model: Model, folder: Path, kept: Path) -> SpokenExamples:
    """What `data` left in *folder*, where what is learnt from of general speech has what *model*
    hears in it for a text, whichever model gathered it, as a job has it.

    Args:
        kept: folder in which what was heard is kept.
    """
    spoken = kept_examples(folder)
    heard_by = folder / _HEARD_BY
    if heard_by.is_file() and heard_by.read_text().strip() == model.fingerprint:
        return spoken
    general = spoken.chosen("train", general=True)
    texts = dict(zip(general, _texts(model, spoken, general, kept), strict=True))
    own = [each.model_copy(update={"text": texts.get(each, each.text)}) for each in spoken.examples]
    return spoken.with_examples([each for each in own if each.text])


def _texts(
    model: Model, spoken: SpokenExamples, examples: Sequence[Example], kept: Path
) -> Iterator[str]:
    """What the model hears, some examples at a time, so that a break loses little."""
    decoder = decoder_of(model)
    for first in range(0, len(examples), _HEARD_AT_ONCE):
        some = examples[first : first + _HEARD_AT_ONCE]

        def make(some: Sequence[Example] = some) -> list[str]:
            return [each.text for each in heard(decoder, spoken, some)]

        yield from kept_or_made(kept / f"own-words-{first}.kept", make)


def orders(part: str) -> Iterator[Clip]:
    """Spoken orders of a part of the corpus."""
    folder = corpus() / "domain" / part
    for entry in json.loads((folder / "manifest.json").read_bytes()):
        file = folder / entry["file"]
        yield file, entry["reference"], entry["speaker"], False, tuple(entry["slots"])


def _clips() -> Iterator[tuple[Path, dict[str, Any]]]:
    folder = corpus() / "clips"
    for entry in json.loads((folder / "manifest.json").read_bytes()):
        if entry["language"] == "en" and entry["duration"] <= LONGEST:
            yield folder / entry["file"], entry


def _general() -> Iterator[SpokenText]:
    """General speech of other people than those that are reported: some clips with their text,
    which are judged by, and meetings and conversations without one, which are learnt from.
    """
    for file, entry in _clips():
        if entry["speaker"] in KEPT_BACK:
            said = (Utterance(entry["speaker"], entry["reference"]),)
            yield SpokenText(
                audio=file, name=file.name, utterances=said, speaker=entry["speaker"], language="en"
            )
    for pattern in ("ami_trn*.flac", "dev_*spk_*.flac"):
        for file in sorted((corpus() / "diarization").glob(pattern)):
            yield SpokenText(audio=file, name=file.name, language="en")


def reported() -> Iterator[Clip]:
    """General speech of everybody else."""
    for file, entry in _clips():
        if entry["speaker"] not in KEPT_BACK:
            yield file, entry["reference"], entry["speaker"] or "", True, ()


def spoken_clips(clips: Iterable[Clip]) -> SpokenExamples:
    """The clips at 16 kHz, cut to what a window takes."""
    examples = []
    sounds = []
    first = 0
    for file, text, speaker, is_general, terms in clips:
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
        if rate != SAMPLE_RATE:
            continue
        sound = as_int16(samples.mean(axis=1)[: round(LONGEST * SAMPLE_RATE)])
        examples.append(
            Example(
                text=text,
                source=file.name,
                speaker=speaker,
                is_general=is_general,
                terms=terms,
                first_sample=first,
                samples=len(sound),
            )
        )
        sounds.append(sound)
        first += len(sound)
    return SpokenExamples(tuple(examples), np.concatenate(sounds))
