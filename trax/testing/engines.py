"""Engines that say what they are told, count what they do, and fail on demand."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from trax.adapters.card import AdapterCard
from trax.adapters.learner import Learner
from trax.adapters.seeing import Sees, everybody
from trax.asr import Decoder, Decoding, Progress, Recogniser, RecognitionOptions
from trax.asr.engine import LeftOut, OnRead, nobody_reads_along
from trax.asr.typed import Aligner
from trax.audio import Audio, Waveform
from trax.diarization import DiarizationOptions, DiarizationSession, Diarizer
from trax.diarization.voice_samples import encoded
from trax.enhance import Answer, Embedder, LanguageModel, Price, Question
from trax.errors import ModelUnavailable, NoAnswer
from trax.models import ModelManager
from trax.testing.levels import LevelDecoder
from trax.testing.samples import words
from trax.testing.voices import ScriptedVoices
from trax.transcript import Diarization, Recognition, Segment, Span, Turn, Usage, VoiceSample
from trax.transcript.languages import LANGUAGES

_LENGTH = 8  # numbers that a voice is, however many speak


@dataclass
class ScriptedEngines:
    """Both engines in one: every recording says *text*, the speakers take equal parts of it in
    turn.

    Attributes:
        errors: raised one a call, first the recogniser's, before the engine works; ``None`` lets a
            call through.
        calls: what was asked, in order: ``recognise`` and ``diarize``.
        version: part of the fingerprint, so that a test can change it.
        chunks: how many were heard by diarization.
        model: the language model; none unless a test has one.
        confidence: of every word.
        voices: engines that replace voices.
    """

    text: str = "hello there."
    speakers: int = 2
    recognise_errors: list[Exception | None] = field(default_factory=list)
    diarize_errors: list[Exception | None] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    version: str = "1"
    chunks: int = 0
    model: LanguageModel | None = None
    confidence: float = 0.9
    manager: ModelManager = field(default_factory=ModelManager)
    voices: ScriptedVoices = field(default_factory=ScriptedVoices)

    @property
    def fingerprint(self) -> str:
        """Names the script."""
        return f"scripted/{self.version}"

    def recogniser(self, options: RecognitionOptions, sees: Sees = everybody) -> Recogniser:
        """This engine, whatever the options."""
        return self

    def aligner(self, language: str) -> Aligner:
        """This engine, whatever the language."""
        return self

    def decoders(self, names: Sequence[str], language: str) -> list[Decoder]:
        """One that reads levels, whatever the models."""
        return [LevelDecoder()]

    def align(self, window: Waveform, texts: Sequence[str], language: str) -> list[Span]:
        """The texts share the window, but for its first and last tenth."""
        step = 0.8 * window.duration / max(1, len(texts))
        starts = [0.1 * window.duration + at * step for at in range(len(texts))]
        return [Span(start, start + step) for start in starts]

    def diarizer(self, options: DiarizationOptions) -> Diarizer:
        """This engine, whatever the options."""
        return self

    def forget_adapter(self, card: AdapterCard) -> None:
        """Nothing was merged."""

    def learner(self, name: str) -> Learner:
        """None: a script cannot be taught."""
        raise ModelUnavailable(name, "it is a script")

    def language_model(self) -> LanguageModel | None:
        """The script's."""
        return self.model

    def embedder(self) -> Embedder | None:
        """None: domains are told by keywords."""
        return None

    def recognise(
        self, audio: Audio, options: RecognitionOptions, progress: Progress
    ) -> Recognition:
        """The script's text, spread over the recording."""
        self.calls.append("recognise")
        _raise_next(self.recognise_errors)
        progress(0.5)
        spoken = words(self.text, 0.0, audio.duration, confidence=self.confidence)
        return Recognition(
            language=(options.language or "en") if spoken else "",
            language_confidence=0.9 if spoken else 0.0,
            segments=(Segment(0.0, audio.duration, tuple(spoken)),) if spoken else (),
            engine=self.fingerprint,
        )

    @property
    def voice_model(self) -> str:
        """Names the script's voices."""
        return f"scripted-voices/{self.version}"

    def begin(self, options: DiarizationOptions) -> DiarizationSession:
        """The script's number of speakers, or the number asked for, one after the other."""
        self.calls.append("diarize")
        _raise_next(self.diarize_errors)
        return _ScriptedSession(self, options.speakers or self.speakers)


@dataclass
class _ScriptedSession:
    """Speakers who take equal parts of whatever was heard."""

    engines: ScriptedEngines
    speakers: int
    seconds: float = 0.0

    def feed(self, chunk: Waveform, progress: Progress) -> None:
        self.engines.chunks += 1
        self.seconds += chunk.duration
        progress(0.5)

    def forget(self, before: float) -> None:
        """Nothing: what was heard costs nothing."""

    def result(self, progress: Progress) -> Diarization:
        step = self.seconds / max(1, self.speakers)
        count = self.speakers if step else 0
        turns = tuple(Turn(at * step, (at + 1) * step, f"SPEAKER_{at:02d}") for at in range(count))
        voices = {
            turn.speaker: tuple(float(at == who) for at in range(max(_LENGTH, len(turns))))
            for who, turn in enumerate(turns)
        }
        samples = [
            VoiceSample(spans=(Span(turn.start, turn.end),), voice=encoded(voices[turn.speaker]))
            for turn in turns
        ]
        return Diarization(
            turns=turns,
            exclusive_turns=turns,
            embeddings=voices,
            samples=tuple(samples),
            engine=self.engines.fingerprint,
            voice_model=self.engines.voice_model,
        )


def _raise_next(errors: list[Exception | None]) -> None:
    error = errors.pop(0) if errors else None
    if error is not None:
        raise error


Script = Callable[[Waveform, Decoding], Sequence[tuple[str, float]]]
"""What is heard in a window: words with the decoder's probabilities."""


@dataclass
class ScriptedDecoder:
    """A model that hears what its script says, spread over the window.

    Attributes:
        read_windows: what was read in windows, in order: duration and options.
        read_stretches: likewise in stretches.
        tongues: what `detect_languages` returns, one a call and then the last for ever.
        unsaid: what it has no room for.
    """

    script: Script
    name: str = "scripted"
    fingerprint: str = "scripted/decoder"
    languages: frozenset[str] = frozenset(LANGUAGES)
    read_windows: list[tuple[float, Decoding]] = field(default_factory=list)
    read_stretches: list[tuple[float, Decoding]] = field(default_factory=list)
    tongues: list[dict[str, float]] = field(default_factory=lambda: [{"en": 0.9, "de": 0.1}])
    unsaid: LeftOut = field(default_factory=LeftOut)

    def decode(
        self,
        windows: Sequence[Waveform],
        options: Decoding,
        progress: Progress,
        on_read: OnRead = nobody_reads_along,
    ) -> list[tuple[Segment, ...]]:
        """The script for each window."""
        found = []
        for at, window in enumerate(windows):
            self.read_windows.append((window.duration, options))
            found.append(self._segments(window, options))
            on_read(at, found[-1])
        progress(1.0)
        return found

    def decode_stretch(
        self, waveform: Waveform, options: Decoding, progress: Progress
    ) -> tuple[Segment, ...]:
        """The script for the whole stretch."""
        self.read_stretches.append((waveform.duration, options))
        progress(1.0)
        return self._segments(waveform, options)

    def align(self, window: Waveform, texts: Sequence[str], language: str) -> list[Span]:
        """The texts share the window."""
        step = window.duration / max(1, len(texts))
        return [Span(at * step, (at + 1) * step) for at in range(len(texts))]

    def left_out(self, options: Decoding) -> LeftOut:
        """What the script says."""
        return self.unsaid

    def detect_languages(self, windows: Sequence[Waveform]) -> list[dict[str, float]]:
        """The scripted ones."""
        return [
            self.tongues.pop(0) if len(self.tongues) > 1 else self.tongues[0] for _window in windows
        ]

    def _segments(self, window: Waveform, options: Decoding) -> tuple[Segment, ...]:
        said = self.script(window, options)
        plain = words(" ".join(text for text, _sure in said), 0.0, window.duration)
        spoken = tuple(
            replace(word, confidence=sure) for word, (_text, sure) in zip(plain, said, strict=True)
        )
        if not spoken:
            return ()
        segment = Segment(
            0.0, window.duration, spoken, mean_log_probability=-0.2, compression_ratio=1.2
        )
        return (replace(segment, no_speech_probability=0.01),)


@dataclass
class ScriptedModel:
    """A language model that answers what its script says, and counts a token a word.

    Attributes:
        script: gives an answer's JSON text, or raises what goes wrong.
        asked: the questions, in order.
        problem: why answers cannot be used.
    """

    script: Callable[[Question], str]
    asked: list[Question] = field(default_factory=list)
    fingerprint: str = "scripted@here"
    price: Price = field(default_factory=lambda: Price(1.0, 0.1, 2.0))
    concurrency: int = 2
    context_tokens: int = 8000
    problem: str = ""

    def ask(self, question: Question) -> Answer:
        """The script's answer."""
        self.asked.append(question)
        text = self.script(question)
        sent = len(question.system.split()) + len(question.user.split())
        usage = Usage(requests=1, prompt_tokens=sent, completion_tokens=len(text.split()))
        return Answer(text, usage, self.problem)


def silent(_question: Question) -> str:
    """A script whose server is away."""
    raise NoAnswer("the server does not answer", lasting=True)


def shouted(question: Question) -> str:
    """A script that translates every line into capitals."""
    lines = re.findall(r"^(\d+)\W+(.*)$", question.user, re.MULTILINE)
    return json.dumps({"sentences": [{"n": int(n), "text": text.upper()} for n, text in lines]})
