"""Examples gathered from people's recordings: cut, checked, split."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from trax.adapters.checking import SetAside, wrong_pairs
from trax.adapters.cutting import Piece, pieces_by_words, timed_pieces
from trax.adapters.examples import LONGEST, Example, SpokenExamples, as_int16
from trax.adapters.hearing import HeardExample, heard
from trax.adapters.sources import SpokenText
from trax.adapters.splitting import split
from trax.asr.engine import Decoder, Decoding, no_progress, portion
from trax.audio import Limits, StoredAudio, probe, voice_activity, windows_of_speech
from trax.audio.streams import decode_recording
from trax.errors import UnreadableAudio
from trax.progress import Progress
from trax.scoring.words import normaliser
from trax.store.objects import file_digest
from trax.transcript import Span, Word

_MOST_TERMS = 40
_UNTOLD = 24.0  # seconds of speech without a text that are read at once
_LEAST_LETTERS = 4  # of a term that nobody named
_UNKNOWN = "unknown"

Parting = Callable[[Sequence[Example]], tuple[list[Example], list[Example]]]
"""Gives examples with the part that each belongs to, and those that belong to none."""


class Gathered(BaseModel):
    """What was found, for people.

    Attributes:
        learnt: examples to learn from.
        judged: examples to judge by.
        general: examples of general speech, of both kinds.
        seconds: of the domain's speech.
        left_out: examples left out because their text is judged by.
        terms: the domain's words that the model misses most, or those that were named.
        set_aside: what is not learnt from, and why.
        recordings: SHA-256 of the domain's recordings, with their names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    learnt: int
    judged: int
    general: int
    seconds: float
    left_out: int = 0
    terms: tuple[str, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    recordings: dict[str, str] = {}


@dataclass(slots=True)
class _Collected:
    """Examples and their sound as they are gathered."""

    examples: list[Example] = field(default_factory=list)
    sound: list[NDArray[np.int16]] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    samples: int = 0

    def add(self, audio: StoredAudio, piece: Piece, example: Example) -> None:
        end = min(piece.end, audio.duration)
        part = as_int16(audio.read(Span(piece.start, end)).samples)
        placed = {"start": piece.start, "end": end, "text": piece.text}
        placed |= {"first_sample": self.samples, "samples": len(part)}
        self.examples.append(example.model_copy(update=placed))
        self.sound.append(part)
        self.samples += len(part)

    def spoken(self) -> SpokenExamples:
        sound = np.concatenate(self.sound) if self.sound else np.zeros(0, dtype=np.int16)
        return SpokenExamples(tuple(self.examples), sound)


def gather(
    domain: Sequence[SpokenText],
    general: Sequence[SpokenText],
    decoder: Decoder,
    language: str,
    limits: Limits,
    progress: Progress,
    parting: Parting = split,
) -> tuple[SpokenExamples, Gathered]:
    """Examples of a domain and of general speech.

    Args:
        decoder: the model that is to learn; texts are checked against what it hears.
        language: of recordings that do not say theirs.
        parting: decides what is learnt from and what is judged by.
    """
    collected = _Collected()
    both = [*((each, False) for each in domain), *((each, True) for each in general)]
    for at, (spoken, is_general) in enumerate(both):
        example = Example(
            text="",
            source=spoken.name,
            digest=file_digest(spoken.audio),
            speaker=spoken.speaker,
            language=spoken.language or language,
            terms=spoken.terms,
            is_general=is_general,
        )
        _collect(collected, spoken, example, decoder, limits)
        progress(0.5 * (at + 1) / len(both))
    found = collected.spoken()
    everything = heard(decoder, found, found.examples, portion(progress, 0.5, 1.0))
    return _settled(found, everything, collected.set_aside, parting)


def all_judged(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """All of the examples to judge by: what nothing is learnt from may repeat itself."""
    return [each.model_copy(update={"part": "judge"}) for each in examples], []


def _settled(
    spoken: SpokenExamples,
    everything: Sequence[HeardExample],
    set_aside: Sequence[SetAside],
    parting: Parting,
) -> tuple[SpokenExamples, Gathered]:
    """The examples that are right, each in its part, and what was found."""
    ours = [each for each in everything if not each.example.is_general]
    others = [each for each in everything if each.example.is_general]
    wrong = wrong_pairs(ours)
    told = [each for each in others if each.example.text]
    untold = [each for each in others if not each.example.text]
    wrong_general = wrong_pairs(told)
    right = [each for at, each in enumerate(ours) if at not in wrong]
    right_general = [each for at, each in enumerate(told) if at not in wrong_general]
    terms = _terms(right)
    domain, left_out = parting([_with_terms(each.example, terms) for each in right])
    general = _general(right_general, untold, parting)
    examples = spoken.with_examples([*domain, *general])
    return examples, Gathered(
        learnt=len(examples.chosen("train", general=False)),
        judged=len(examples.chosen("judge", general=False)),
        general=len(general),
        seconds=sum(each.duration for each in domain),
        left_out=len(left_out),
        terms=terms,
        set_aside=(*set_aside, *wrong.values(), *wrong_general.values()),
        recordings={each.digest: each.source for each in domain},
    )


def _general(
    told: Sequence[HeardExample], untold: Sequence[HeardExample], parting: Parting
) -> list[Example]:
    """Examples of general speech, with its text to judge by, and with what the model hears in it to
    learn from: that is what it is to go on hearing.

    Where as much has no text, which is enough to learn from, all that has one is judged by.
    """
    hearings = {(each.example.first_sample, each.example.samples): each.text for each in told}
    enough = _seconds(untold) >= _seconds(told)
    parted, _left_out = (all_judged if enough else parting)([each.example for each in told])
    found = []
    for example in parted:
        text = example.text
        if example.part == "train":
            text = hearings[example.first_sample, example.samples]
        found.append(example.model_copy(update={"text": text}))
    found += [each.example.model_copy(update={"text": each.text}) for each in untold]
    return [example for example in found if example.text]


def _seconds(all_heard: Sequence[HeardExample]) -> float:
    return sum(each.example.duration for each in all_heard)


def _collect(
    collected: _Collected,
    spoken: SpokenText,
    example: Example,
    decoder: Decoder,
    limits: Limits,
) -> None:
    """Add the examples of one recording."""
    with TemporaryDirectory() as scratch:
        try:
            audio = _decoded(spoken.audio, Path(scratch) / "audio.flac", limits)
        except UnreadableAudio as error:
            collected.set_aside.append(_aside(spoken, "", str(error)))
            return
        found = _pieces(
            collected, spoken, audio, decoder, example.language, is_general=example.is_general
        )
        pieces = list(found)
        for piece in pieces:
            speaker = example.speaker or _person(piece, spoken)
            is_whole = len(pieces) == 1
            changed = {"speaker": speaker, "terms": example.terms if is_whole else ()}
            collected.add(audio, piece, example.model_copy(update=changed))


def _pieces(
    collected: _Collected,
    spoken: SpokenText,
    audio: StoredAudio,
    decoder: Decoder,
    language: str,
    *,
    is_general: bool,
) -> Iterator[Piece]:
    """A recording's pieces; what cannot be used is set aside."""
    if not spoken.utterances and is_general:
        yield from _untold(audio)
        return
    if not spoken.utterances:
        collected.set_aside.append(_aside(spoken, "", "it has no text"))
        return
    if all(each.start is not None for each in spoken.utterances):
        fitting, others = timed_pieces(spoken.utterances, audio.duration)
        for piece in others:
            reason = f"it is shorter than a word, longer than {LONGEST:.0f} s or beyond the sound"
            collected.set_aside.append(_aside(spoken, piece.text, reason))
        yield from fitting
        return
    text = " ".join(each.text for each in spoken.utterances).strip()
    if audio.duration <= LONGEST:
        yield Piece(0.0, audio.duration, text)
        return
    pieces = pieces_by_words(text, _words(decoder, audio, language), audio.duration)
    missing = len(text.split()) - sum(len(piece.text.split()) for piece in pieces)
    if missing:
        reason = f"{missing} of its words were not found in what is heard"
        collected.set_aside.append(_aside(spoken, "", reason))
    yield from pieces


def _untold(audio: StoredAudio) -> Iterator[Piece]:
    """A recording's speech in pieces, whose text is what the model hears."""
    for span in windows_of_speech(voice_activity(audio), _UNTOLD):
        yield Piece(span.start, span.end, "")


def _words(decoder: Decoder, audio: StoredAudio, language: str) -> list[Word]:
    """The words that are heard in a whole recording, with their times."""
    segments = decoder.decode_stretch(audio.read(), Decoding(language=language), no_progress)
    return [word for segment in segments for word in segment.words]


def _decoded(path: Path, flac: Path, limits: Limits) -> StoredAudio:
    decode_recording(path, probe(path, limits), limits, flac)
    return StoredAudio.open(flac)


def _person(piece: Piece, spoken: SpokenText) -> str:
    """Who speaks; labels such as SPEAKER_00 mean somebody else in each recording."""
    if piece.speaker in ("", _UNKNOWN):
        return ""
    return f"{spoken.name} {piece.speaker}"


def _aside(spoken: SpokenText, text: str, reason: str) -> SetAside:
    return SetAside(place=spoken.name, text=text, reason=reason)


def _with_terms(example: Example, terms: Sequence[str]) -> Example:
    """The example with those of *terms* that are in its text, if none were named for it."""
    if example.terms:
        return example
    words = set(normaliser(example.language)(example.text).split())
    return example.model_copy(update={"terms": tuple(term for term in terms if term in words)})


def _terms(right: Sequence[HeardExample]) -> tuple[str, ...]:
    """The terms that were named, or else the words that the model misses most; the commonest
    first.
    """
    named = Counter(term for each in right for term in each.example.terms)
    if named:
        return tuple(term for term, _count in named.most_common(_MOST_TERMS))
    missed: Counter[str] = Counter()
    for each in right:
        normal = normaliser(each.example.language)
        there = set(normal(each.text).split())
        missing = set(normal(each.example.text).split()) - there
        missed.update(word for word in missing if len(word) >= _LEAST_LETTERS)
    often = [(word, count) for word, count in missed.most_common(_MOST_TERMS) if count > 1]
    return tuple(word for word, _count in often)
