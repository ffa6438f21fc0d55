"""Recognition in passes: all is read fast, what is doubtful again, and the readings vote word by
word.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

from trax.asr import language as languages
from trax.asr.confidence import Calibration
from trax.asr.engine import Decoder, Decoding, Progress
from trax.asr.heard import HeardWord, after_vote, heard
from trax.asr.invented import echo_runs, without_echo, without_invented
from trax.asr.plan import Pass, Reads, RecognitionOptions, Way
from trax.asr.timing import refined
from trax.asr.vocabulary import what_became_of
from trax.audio import StoredAudio, VoiceActivity, Waveform, voice_activity, windows_of_speech
from trax.errors import InvalidOption
from trax.merge import consensus, sentences, stitched
from trax.transcript import Recognition, Removed, Segment, Span, Word

VERSION = 1
"""Of all that decides words in this room besides models and options; part of the fingerprint."""

_WINDOW = 25.0  # seconds; shorter cuts cost context, longer ones do not fit the encoder
_STRETCH = 300.0  # seconds read in context; bounds memory
_BLOCK = 48  # windows whose audio is in memory at once
_PAUSE = 0.3  # seconds without speech between words that may lie in different windows
_NEAR = 0.4  # seconds around a word that count as covered by it
_UNCOVERED = 1.0  # seconds of speech without a word that are read again
_LISTENING = 0.06  # share of the progress that voice activity and language take


@dataclass(frozen=True, slots=True)
class Part:
    """A window or stretch with what has been heard in it so far."""

    span: Span
    language: str
    words: tuple[HeardWord, ...] = ()


@dataclass(frozen=True, slots=True)
class Hearing:
    """What all passes together heard.

    Attributes:
        words: with times that can be, and without what nobody said.
        parts: where each language was spoken.
        votes: how likely the recording is in each language, the likeliest first.
        removed: what was taken out.
    """

    words: list[HeardWord]
    parts: list[Part]
    votes: dict[str, float]
    removed: tuple[Removed, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """A pass with the model that makes it."""

    made: Pass
    decoder: Decoder


class PlannedRecogniser:
    """A recogniser that follows a plan.

    Args:
        passes: the plan.
        english: the model of each pass for English; ``None`` for a pass that no model at hand can
            make.
        others: likewise for any other language. Either is empty where the language is known to be
            another.
        calibration: turns evidence into confidence.
    """

    def __init__(
        self,
        passes: Sequence[Pass],
        english: Sequence[Decoder | None],
        others: Sequence[Decoder | None],
        calibration: Calibration,
    ) -> None:
        self._english, self._others = _readers(passes, english), _readers(passes, others)
        self._calibration = calibration

    @property
    def fingerprint(self) -> str:
        """Names all models of the plan, what was made of them, and the calibration."""
        models = dict.fromkeys(each.decoder.fingerprint for each in (*self._english, *self._others))
        made = [
            each.made.model_dump(mode="json", exclude={"models"})
            for each in (*self._english, *self._others)
        ]
        plan = f"passes-{VERSION}.{hashlib.sha256(json.dumps(made).encode()).hexdigest()[:8]}"
        return "+".join([*models, plan, self._calibration.fingerprint])

    def recognise(
        self, audio: StoredAudio, options: RecognitionOptions, progress: Progress
    ) -> Recognition:
        """The words of a recording: timed, without what nobody said, each with a calibrated
        confidence.
        """
        hearing = self.hear(audio, options, progress)
        sure = [self._calibration.confidence(word) for word in hearing.words]
        words = [_plain(word, each) for word, each in zip(hearing.words, sure, strict=True)]
        found = next(iter(hearing.votes), "")
        second = None if options.multilingual else languages.second_language(hearing.votes)
        warning = f"some of it may be in another language ({second}): try --multilingual"
        return Recognition(
            language=found if words else "",
            language_confidence=round(hearing.votes[found], 4) if words else 0.0,
            segments=tuple(_segments(hearing.words, words, hearing.parts, found)),
            engine=self.fingerprint,
            removed=hearing.removed,
            expected_errors=self._calibration.expected_errors(sure),
            vocabulary=what_became_of(options.hotwords, [word.text for word in words]),
            warnings=(warning,) if second else (),
        )

    def hear(self, audio: StoredAudio, options: RecognitionOptions, progress: Progress) -> Hearing:
        """The words of a recording as all passes together have them, with the evidence for each."""
        activity = voice_activity(audio, _share(progress, 0.0, _LISTENING))
        windows = windows_of_speech(activity, _WINDOW)
        if not windows:
            return Hearing([], [], {}, ())
        votes, spoken = self._languages(audio, windows, options)
        progress(_LISTENING)
        parts = [Part(window, language) for window, language in zip(windows, spoken, strict=True)]
        runs, echoes = echo_runs(options.prompt, options.hotwords), list[Removed]()
        readers = self._english if set(spoken) == {"en"} and self._english else self._others
        step = (1 - _LISTENING) / len(readers)
        for at, reader in enumerate(readers):
            part_of = _share(progress, _LISTENING + at * step, _LISTENING + (at + 1) * step)
            parts = _Round(
                reader, audio, activity, options, self._calibration, part_of, runs, echoes
            ).over(parts)
        words, removed = without_invented(refined(_joined(parts), activity), activity)
        return Hearing(words, parts, votes, (*echoes, *removed))

    def _languages(
        self, audio: StoredAudio, windows: Sequence[Span], options: RecognitionOptions
    ) -> tuple[dict[str, float], list[str]]:
        """The vote, and the language of each window."""
        if options.language is not None:
            self._check(options.language)
            return {options.language: 1.0}, [options.language] * len(windows)
        multilingual = next(
            (each.decoder for each in self._others if each.decoder.multilingual), None
        )
        if multilingual is None:
            return {"en": 1.0}, ["en"] * len(windows)
        votes = languages.vote(audio, windows, multilingual)
        if options.multilingual:
            return votes, languages.each_window(audio, windows, multilingual)
        return votes, [next(iter(votes))] * len(windows)

    def _check(self, language: str) -> None:
        if not (self._others or (language == "en" and self._english)):
            raise InvalidOption(
                "the models at hand know English only; take a multilingual one for language "
                f"{language!r}"
            )


@dataclass(frozen=True, slots=True)
class _Round:
    """One pass over one recording."""

    reader: Reader
    audio: StoredAudio
    activity: VoiceActivity
    options: RecognitionOptions
    calibration: Calibration
    progress: Progress
    runs: frozenset[tuple[str, ...]]
    echoes: list[Removed]

    def over(self, parts: list[Part]) -> list[Part]:
        """*parts* after the pass."""
        made = self.reader.made
        if made.reads is Reads.UNCOVERED:
            return self._with_uncovered(parts)
        if made.way is Way.STRETCHES:
            return self._in_stretches(parts)
        chosen = [
            at for at, part in enumerate(parts) if made.reads is Reads.ALL or self._doubtful(part)
        ]
        chosen.sort(key=lambda at: parts[at].language)  # a batch is in one language; else in order
        result, done = list(parts), 0
        for _language, group in groupby(chosen, key=lambda at: parts[at].language):
            for block in _blocks(list(group)):
                part_of = _share(
                    self.progress, done / len(chosen), (done + len(block)) / len(chosen)
                )
                for at, words in zip(
                    block, self._read([parts[at] for at in block], part_of), strict=True
                ):
                    result[at] = _combined(parts[at], words)
                done += len(block)
        return result

    def _read(self, parts: Sequence[Part], progress: Progress) -> Iterator[list[HeardWord]]:
        """The words of windows in one language."""
        waves = [self.audio.read(part.span) for part in parts]
        decode, told = self.reader.decoder.read, self._decoding(parts[0].language)
        for part, wave, segments in zip(parts, waves, decode(waves, told, progress), strict=True):
            words, echo = without_echo(
                list(heard(segments, part.span.start)), self.runs, partial(self._untold, part, wave)
            )
            self.echoes.extend(echo)
            yield words

    def _untold(self, part: Part, wave: Waveform) -> list[HeardWord]:
        """The words of a window that is read without prompt and hotwords."""
        (segments,) = self.reader.decoder.read(
            [wave], self._untold_decoding(part.language), _ignored
        )
        return list(heard(segments, part.span.start))

    def _in_stretches(self, parts: list[Part]) -> list[Part]:
        """All speech again, minutes at a time."""
        result = []
        groups = list(_stretches(parts))
        for at, group in enumerate(groups):
            span = Span(group[0].span.start, group[-1].span.end)
            part_of = _share(self.progress, at / len(groups), (at + 1) / len(groups))
            words = self._read_on(span, group[0].language, part_of)
            result.append(_combined(Part(span, group[0].language, tuple(_joined(group))), words))
        return result

    def _with_uncovered(self, parts: list[Part]) -> list[Part]:
        """Speech without a word, read once more; what is heard there goes to the part that it lies
        in.
        """
        words = refined(_joined(parts), self.activity)
        gaps = _uncovered(self.activity.spans(_PAUSE), words)
        result = list(parts)
        for at, gap in enumerate(gaps):
            home = max(range(len(parts)), key=lambda at, gap=gap: parts[at].span.overlap(gap))  # type: ignore[misc]
            part_of = _share(self.progress, at / len(gaps), (at + 1) / len(gaps))
            found = self._read_on(gap, parts[home].language, part_of)
            together = sorted([*result[home].words, *found], key=lambda word: word.start)
            result[home] = replace(result[home], words=tuple(together))
        return result

    def _read_on(self, span: Span, language: str, progress: Progress) -> list[HeardWord]:
        wave = self.audio.read(span)

        def read(options: Decoding, progress: Progress) -> list[HeardWord]:
            return list(heard(self.reader.decoder.read_on(wave, options, progress), span.start))

        words = read(self._decoding(language), progress)
        untold = partial(read, self._untold_decoding(language), _ignored)
        words, echo = without_echo(words, self.runs, untold)
        self.echoes.extend(echo)
        return words

    def _doubtful(self, part: Part) -> bool:
        """Whether so many of a part's words are expected to be wrong that another reading pays."""
        if not part.words:
            return True
        wrong = sum(1 - self.calibration.confidence(word) for word in part.words)
        return wrong / len(part.words) > self.reader.made.doubt

    def _decoding(self, language: str) -> Decoding:
        prompt, hotwords = self.options.prompt, ", ".join(self.options.hotwords)
        return replace(self._untold_decoding(language), prompt=prompt, hotwords=hotwords)

    def _untold_decoding(self, language: str) -> Decoding:
        """The same without prompt and hotwords."""
        made = self.reader.made
        return Decoding(language=language, beam_size=made.beam_size, batch_size=made.batch_size)


def _readers(passes: Sequence[Pass], decoders: Sequence[Decoder | None]) -> tuple[Reader, ...]:
    """Each pass with its model; of two that read with the same model in the same way, the later
    alone.
    """
    chosen: list[Reader] = []
    for made, decoder in zip(passes, decoders, strict=False):
        if decoder is None:
            continue
        same = [
            each
            for each in chosen
            if each.decoder.fingerprint == decoder.fingerprint
            and each.made.way is made.way
            and each.made.reads is Reads.ALL
            and made.reads is not Reads.UNCOVERED
        ]
        chosen = [each for each in chosen if each not in same]
        chosen.append(
            Reader(made.model_copy(update={"reads": Reads.ALL}) if same else made, decoder)
        )
    return tuple(chosen)


def _blocks(chosen: Sequence[int]) -> Iterator[Sequence[int]]:
    return (chosen[first : first + _BLOCK] for first in range(0, len(chosen), _BLOCK))


def _combined(part: Part, words: Sequence[HeardWord]) -> Part:
    """A part after another reading of it; one that heard nothing at all has no vote."""
    if part.words and words:
        words = after_vote(consensus(part.words, words))
    return replace(part, words=tuple(words or part.words))


def _stretches(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Neighbouring parts in one language, together no longer than a stretch."""
    group: list[Part] = []
    for part in parts:
        if group and (
            part.language != group[0].language or part.span.end - group[0].span.start > _STRETCH
        ):
            yield group
            group = []
        group.append(part)
    if group:
        yield group


def _joined(parts: Sequence[Part]) -> list[HeardWord]:
    """The words of all parts; where two overlap, none lost and none doubled."""
    words: list[HeardWord] = []
    reached = 0.0
    for part in parts:
        if words and part.span.start < reached:
            shared = Span(part.span.start, min(reached, part.span.end))
            near = next(
                (at for at, word in enumerate(words) if word.end > shared.start - 5.0), len(words)
            )
            words[near:] = stitched(words[near:], part.words, shared)
        else:
            words.extend(part.words)
        reached = max(reached, part.span.end)
    return words


def _uncovered(speech: Sequence[Span], words: Sequence[Word]) -> list[Span]:
    """Speech of at least a second that no word is near to."""
    gaps = []
    covered = iter([*words, Span(1e9, 1e9)])
    word = next(covered)
    for span in speech:
        start = span.start
        while word.start - _NEAR < span.end:
            if word.start - _NEAR - start >= _UNCOVERED:
                gaps.append(Span(start, word.start - _NEAR))
            start = max(start, word.end + _NEAR)
            if word.end + _NEAR > span.end:
                break
            word = next(covered)
        if span.end - start >= _UNCOVERED:
            gaps.append(Span(start, span.end))
    return gaps


def _segments(
    spoken: Sequence[HeardWord], words: Sequence[Word], parts: Sequence[Part], main: str
) -> Iterator[Segment]:
    """A segment a sentence, with the decoder's numbers for the words in it."""
    spans = [part for part in parts if part.language != main]
    for sentence in sentences(words):
        inside = [words[at] for at in sentence]
        evidence = [spoken[at].evidence for at in sentence]
        known = [each for each in evidence if each is not None]
        middle = Span(inside[0].start, inside[-1].end).middle
        other = next(
            (part.language for part in spans if part.span.start <= middle < part.span.end), None
        )
        yield Segment(
            inside[0].start,
            inside[-1].end,
            tuple(inside),
            mean_log_probability=_mean([each.mean_log_probability for each in known]),
            compression_ratio=_mean([each.compression_ratio for each in known]),
            no_speech_probability=_mean([each.no_speech_probability for each in known]),
            language=other,
        )


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def _plain(word: HeardWord, confidence: float) -> Word:
    return Word(word.start, word.end, word.text, confidence, joined=word.joined)


def _share(progress: Progress, low: float, high: float) -> Progress:
    """Progress through a part as progress through the whole."""
    return lambda share: progress(low + share * (high - low))


def _ignored(_share: float) -> None:
    """Of a second look, which is no progress."""
