"""What a model hears in examples, and how much of it is right."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from trax.adapters.adapted import merged_files
from trax.adapters.card import Reading
from trax.adapters.examples import Example, SpokenExamples
from trax.asr.engine import Decoder, Decoding, no_progress
from trax.asr.evidence import WordHypothesis, with_evidence
from trax.asr.whisper import Placement, WhisperDecoder, load_whisper
from trax.audio import SAMPLE_RATE, Waveform
from trax.models import Model
from trax.progress import Progress
from trax.scoring.words import normaliser, word_error_rate
from trax.transcript import Span, joined_text


@dataclass(frozen=True, slots=True)
class HeardExample:
    """What was heard in one example.

    Attributes:
        words: with the evidence for them.
        errors: against the example's text.
        length: words of the example's text.
        terms_right: how many of its terms were heard.
    """

    example: Example
    words: tuple[WordHypothesis, ...]
    errors: int
    length: int
    terms_right: int

    @property
    def text(self) -> str:
        """What was heard, as running text."""
        return joined_text(self.words)


def heard(
    decoder: Decoder,
    spoken: SpokenExamples,
    examples: Sequence[Example],
    progress: Progress = no_progress,
    *,
    hotwords: str = "",
    prompt: str = "",
) -> list[HeardExample]:
    """What *decoder* hears in each of *examples*.

    Args:
        hotwords: that the decoder is told to expect.
        prompt: that it is given as the text before.

    Raises:
        MissingPart: the packages for scoring are not installed.
    """
    by_language: dict[str, list[int]] = defaultdict(list)
    for at, example in enumerate(examples):
        by_language[example.language].append(at)
    found: dict[int, HeardExample] = {}
    for language, places in by_language.items():
        options = Decoding(language=language, hotwords=hotwords, prompt=prompt)
        windows = [_waveform(spoken, examples[at]) for at in places]
        decoded = decoder.decode(windows, options, progress)
        for at, segments, window in zip(places, decoded, windows, strict=True):
            words = tuple(with_evidence(segments, Span(0.0, window.duration)))
            found[at] = scored(examples[at], words)
    return [found[at] for at in range(len(examples))]


def scored(example: Example, words: Sequence[WordHypothesis]) -> HeardExample:
    """The words heard in an example beside its text."""
    text = joined_text(words)
    rate = word_error_rate(example.text, text, example.language)
    right = sum(says(text, term, example.language) for term in example.terms)
    return HeardExample(example, tuple(words), rate.errors, rate.length, right)


def says(text: str, term: str, language: str) -> bool:
    """Whether *term* is in *text*, whatever the case, punctuation and form of numbers.

    >>> says("A 20 ounce espresso, please", "twenty ounce", "en")
    True
    """
    normal = normaliser(language)
    return f" {normal(term).strip()} " in f" {normal(text).strip()} "


def reading(all_heard: Sequence[HeardExample]) -> Reading:
    """How well all of it was heard."""
    return Reading(
        errors=sum(each.errors for each in all_heard),
        words=sum(each.length for each in all_heard),
        terms_right=sum(each.terms_right for each in all_heard),
        terms_said=sum(len(each.example.terms) for each in all_heard),
    )


@contextmanager
def merged_decoder(
    base: Model, placement: Placement, matrices: bytes, scaling: float
) -> Iterator[Decoder]:
    """The model with an adapter merged into it, until the block ends."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch) / "merged"
        is_int8 = placement.compute_type.startswith("int8")
        merged_files(base.folder(), folder, matrices, scaling, is_int8=is_int8)
        model = replace(base, name=f"{base.name}+trained", folder=lambda: folder)
        whisper = load_whisper(model, placement)
        yield WhisperDecoder(model, placement, lambda: whisper)


def _waveform(spoken: SpokenExamples, example: Example) -> Waveform:
    return Waveform(spoken.samples(example), SAMPLE_RATE)
