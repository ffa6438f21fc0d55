"""Recognition by a plan: a fast pass reads everything, slower ones what is doubtful, and they vote.

Voice activity cuts the recording into windows, a vote decides on the language, each pass of the
plan is run over the windows, and the words that result are given sound times, cleaned of
hallucinations and given a calibrated confidence.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from trax.asr.adapting import AdapterChooser, adapted_passes
from trax.asr.assignment import AssignedPass, assign_models
from trax.asr.confidence import Calibration
from trax.asr.echo import echo_runs
from trax.asr.engine import NOTHING_LEFT_OUT, Decoder, LeftOut, portion
from trax.asr.evidence import WordHypothesis
from trax.asr.language import (
    Spoken,
    doubtful_places,
    foreign_places,
    language_votes,
    one_language,
    unknown_language,
    window_languages,
)
from trax.asr.pass_run import PassRun
from trax.asr.plan import Pass, RecognitionOptions
from trax.asr.reader import SpeechReader
from trax.asr.regions import LONGEST_WINDOW, Region
from trax.asr.segments import sentence_segments
from trax.asr.speech import (
    SpeechSection,
    joined_windows,
    placed_regions,
    speech_sections,
    speech_windows,
    spoken_words,
)
from trax.asr.vocabulary import vocabulary_report
from trax.audio import Audio
from trax.progress import Progress
from trax.transcript import AdapterUse, Recognition, Removed, Word, joined_text
from trax.transcript.cautions import WARNINGS
from trax.transcript.languages import ENGLISH

VERSION = 6
"""Of everything but models and options that decides words; part of the fingerprint."""

_PIECE = 8.0  # seconds whose language is asked for where several are spoken
_PREPARED = 0.06  # share of the progress that voice activity and language detection take


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What all passes together recognised.

    Attributes:
        words: with plausible times and without hallucinations, each with its evidence.
        regions: where each language is spoken.
        votes: probability of each language, highest first.
        removed: hallucinations and echoes that were taken out.
        left_out: what the models had no room for when they were told hotwords and prompt.
        adapter: which was chosen by what the first pass read; ``None`` if there were none.
        warnings: about the languages.
    """

    words: list[WordHypothesis]
    regions: list[Region]
    votes: dict[str, float]
    removed: tuple[Removed, ...]
    left_out: LeftOut = NOTHING_LEFT_OUT
    adapter: AdapterUse | None = None
    warnings: tuple[str, ...] = ()


class PlannedRecogniser:
    """A recogniser that follows a plan.

    Args:
        passes: the plan.
        english: the model of each pass for English; ``None`` for a pass that has none.
        others: the model of each pass for any other language. Either list may be empty if the
            language is known.
        calibration: turns evidence into confidence.
        adapter: that the models have been given already; ``None`` if they have not.
        chooser: chooses an adapter after the first pass; ``None`` chooses none.
    """

    def __init__(
        self,
        passes: Sequence[Pass],
        english: Sequence[Decoder | None],
        others: Sequence[Decoder | None],
        calibration: Calibration,
        adapter: AdapterUse | None = None,
        chooser: AdapterChooser | None = None,
    ) -> None:
        self._english = assign_models(passes, english)
        self._others = assign_models(passes, others)
        self._calibration = calibration
        self._adapter = adapter
        self._chooser = chooser

    @property
    def fingerprint(self) -> str:
        """Names the plan's models and passes and the calibration."""
        assigned = (*self._english, *self._others)
        models = dict.fromkeys(each.decoder.fingerprint for each in assigned)
        passes = [each.settings.model_dump(mode="json", exclude={"models"}) for each in assigned]
        digest = hashlib.sha256(json.dumps(passes).encode()).hexdigest()[:8]
        parts = [*models, f"passes-{VERSION}.{digest}", self._calibration.fingerprint]
        if self._chooser is not None:
            parts.append(self._chooser.fingerprint)
        return "+".join(parts)

    def recognise(
        self,
        audio: Audio,
        options: RecognitionOptions,
        progress: Progress,
    ) -> Recognition:
        """Recognise a recording's words, each with its time and a calibrated confidence."""
        hypothesis = self.hypothesise(audio, options, progress)
        confidences = self._calibration.confidences(hypothesis.words)
        words = _with_confidence(hypothesis.words, confidences)
        language = next(iter(hypothesis.votes), "")
        segments = sentence_segments(hypothesis.words, words, hypothesis.regions, language)
        return Recognition(
            language=language if words else "",
            language_confidence=round(hypothesis.votes[language], 4) if words else 0.0,
            segments=tuple(segments),
            engine=self.fingerprint,
            removed=hypothesis.removed,
            expected_errors=self._calibration.expected_errors(confidences),
            vocabulary=vocabulary_report(options.hotwords, [word.text for word in words]),
            adapter=hypothesis.adapter,
            warnings=(
                *hypothesis.warnings,
                *_room_warnings(hypothesis.left_out, options),
            ),
        )

    def hypothesise(
        self,
        audio: Audio,
        options: RecognitionOptions,
        progress: Progress,
    ) -> Hypothesis:
        """Recognise a recording's words, each with its evidence."""
        speech = speech_sections(audio, portion(progress, 0.0, _PREPARED))
        windows = speech_windows(speech, LONGEST_WINDOW)
        if not windows:
            return Hypothesis([], [], {}, (), adapter=self._adapter)
        spoken = self._spoken(speech, windows, options)
        progress(_PREPARED)
        passes = portion(progress, _PREPARED, 1.0)
        echoes: list[Removed] = []
        left_out: list[LeftOut] = []
        runs = echo_runs(options.prompt, options.hotwords)
        planned = self._passes_for({window.language for window in spoken.windows})

        def reader(assigned: AssignedPass) -> SpeechReader:
            return SpeechReader(assigned, speech, options, runs, echoes, left_out)

        regions, adapter = self._run_passes(spoken.windows, planned, reader, passes)
        words, removed = spoken_words(speech, regions, audio.duration)
        return Hypothesis(
            words,
            placed_regions(speech, regions),
            spoken.votes,
            (*echoes, *removed),
            _most_left_out(left_out),
            adapter,
            (*spoken.warnings, *self._foreign(speech, regions, options)),
        )

    def _foreign(
        self,
        speech: Sequence[SpeechSection],
        regions: Sequence[Region],
        options: RecognitionOptions,
    ) -> tuple[str, ...]:
        """A warning about windows that are not in the recording's language."""
        detector = self._detector()
        if options.multilingual or detector is None:
            return ()
        return foreign_places(speech, regions, detector)

    def _run_passes(
        self,
        regions: Sequence[Region],
        passes: Sequence[AssignedPass],
        reader: Callable[[AssignedPass], SpeechReader],
        progress: Progress,
    ) -> tuple[list[Region], AdapterUse | None]:
        """The regions after all passes, and the adapter that was chosen after the first."""
        if not passes:
            return list(regions), self._adapter
        first = portion(progress, 0.0, 1 / len(passes))
        regions = PassRun(reader(passes[0]), self._calibration, first).over(regions)
        later, adapter = self._with_adapter(passes, regions)
        for at, assigned in enumerate(later, start=1):
            share = portion(progress, at / (len(later) + 1), (at + 1) / (len(later) + 1))
            regions = PassRun(reader(assigned), self._calibration, share).over(regions)
        return list(regions), adapter

    def _with_adapter(
        self, passes: Sequence[AssignedPass], regions: Sequence[Region]
    ) -> tuple[Sequence[AssignedPass], AdapterUse | None]:
        """The passes after the first, with the adapter that its text suggests, and which it is."""
        if self._chooser is None:
            return passes[1:], self._adapter
        words = [word for region in regions for word in region.words]
        choice = self._chooser.choose(joined_text(words))
        later = adapted_passes(passes[0], passes[1:], choice.decoders)
        if any(each.decoder in choice.decoders.values() for each in later):
            return later, choice.use
        return later, replace(choice.use, name="", version=0, fingerprint="", licence="")

    def _passes_for(self, languages: set[str]) -> tuple[AssignedPass, ...]:
        """The passes whose models cover all of *languages*."""
        if languages == {ENGLISH} and self._english:
            return self._english
        return tuple(each for each in self._others if languages <= each.decoder.languages)

    def _spoken(
        self,
        speech: Sequence[SpeechSection],
        windows: Sequence[Region],
        options: RecognitionOptions,
    ) -> Spoken:
        """The votes on the language, and the language of each window."""
        if options.language is not None:
            self._check_covered(options.language)
            return one_language({options.language: 1.0}, windows)
        detector = self._detector()
        if detector is None:
            return one_language({ENGLISH: 1.0}, windows)
        votes = language_votes(speech, windows, detector)
        if not options.multilingual:
            return one_language(votes, windows)
        pieces = window_languages(speech, speech_windows(speech, _PIECE), detector)
        found = joined_windows(pieces, LONGEST_WINDOW)
        return Spoken(votes, found, doubtful_places(speech, found))

    def _detector(self) -> Decoder | None:
        """The model that tells languages apart: what it finds it can read, too."""
        for each in self._others:
            if each.decoder.languages != {ENGLISH}:
                return each.decoder
        return None

    def _check_covered(self, language: str) -> None:
        if self._passes_for({language}):
            return
        models = {each.decoder.fingerprint: frozenset({ENGLISH}) for each in self._english}
        models |= {each.decoder.fingerprint: each.decoder.languages for each in self._others}
        raise unknown_language(language, models)


def _with_confidence(
    hypotheses: Sequence[WordHypothesis],
    confidences: Sequence[float],
) -> list[Word]:
    """Plain words with their calibrated confidence."""
    words = []
    for word, confidence in zip(hypotheses, confidences, strict=True):
        words.append(
            Word(
                word.start,
                word.end,
                word.text,
                confidence,
                joined=word.joined,
                alternatives=word.alternatives,
            )
        )
    return words


def _most_left_out(left_out: Sequence[LeftOut]) -> LeftOut:
    """What the model with the least room left out."""
    return LeftOut(
        hotwords=max((each.hotwords for each in left_out), default=0),
        characters=max((each.characters for each in left_out), default=0),
    )


def _room_warnings(left_out: LeftOut, options: RecognitionOptions) -> tuple[str, ...]:
    """One sentence about what was left out of prompt and hotwords; none if nothing was."""
    if not (left_out.hotwords or left_out.characters):
        return ()
    code = "no-room"
    if not left_out.characters:
        code = "no-room-hotwords"
    elif not left_out.hotwords:
        code = "no-room-prompt"
    words, letters = len(options.hotwords), len(options.prompt)
    left = {"hotwords": left_out.hotwords, "characters": left_out.characters}
    return (WARNINGS.say(code, words=words, all=letters, **left),)
