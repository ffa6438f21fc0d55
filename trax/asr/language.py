"""Which language is spoken: windows from all over the recording vote."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from trax.asr.engine import Decoder
from trax.asr.regions import Region
from trax.asr.speech import SpeechSection
from trax.audio import Waveform
from trax.errors import InvalidOption
from trax.transcript import Span, format_clock
from trax.transcript.cautions import WARNINGS
from trax.transcript.languages import ENGLISH, LANGUAGES

_VOTERS = 5  # windows
_SAMPLE = 10.0  # seconds of each window
_SURE = 0.5  # probability below which a window's language is doubtful
_CLEAR = 0.8  # probability from which a window is in another language than the recording
_LISTENED = 20  # unlikely windows whose language is asked for
_UNLIKELY = -0.8  # mean log-probability below which a reading may be in the wrong language
_REPEATED = 2.4  # compression ratio of a reading that repeats itself
_NAMED = 5  # doubtful places that a warning names
_MIXED = 0.3  # share of the votes from which a second language is worth a warning


@dataclass(frozen=True, slots=True)
class Spoken:
    """Which languages are spoken.

    Attributes:
        votes: probability of each, highest first.
        windows: each with its language.
        warnings: a sentence each about what is doubtful.
    """

    votes: dict[str, float]
    windows: list[Region]
    warnings: tuple[str, ...] = ()


def language_votes(
    speech: Sequence[SpeechSection],
    windows: Sequence[Region],
    decoder: Decoder,
) -> dict[str, float]:
    """The probability of each language, highest first; they sum to 1.

    Five windows spread over the recording vote, weighted by their length. Ties go to the code that
    sorts first.
    """
    step = max(1, len(windows) // _VOTERS)
    chosen = windows[step // 2 :: step][:_VOTERS]
    voters = [_sample(speech, window) for window in chosen]
    totals: dict[str, float] = defaultdict(float)
    for voter, probabilities in zip(voters, decoder.detect_languages(voters), strict=True):
        for language, probability in probabilities.items():
            totals[language] += probability * voter.duration
    duration = sum(voter.duration for voter in voters)
    ranked = sorted(totals, key=lambda language: (-totals[language], language))
    return {language: totals[language] / duration for language in ranked}


def window_languages(
    speech: Sequence[SpeechSection],
    windows: Sequence[Region],
    decoder: Decoder,
) -> list[Region]:
    """The windows, each with its most probable language and the next; ties go by code."""
    found = []
    for window in windows:
        (probabilities,) = decoder.detect_languages([_sample(speech, window)])
        first, *others = sorted(probabilities, key=lambda code: (-probabilities[code], code))
        other = others[0] if others else ""
        sure = probabilities[first]
        found.append(replace(window, language=first, other=other, sure=sure))
    return found


def doubtful_places(
    speech: Sequence[SpeechSection],
    windows: Sequence[Region],
) -> tuple[str, ...]:
    """A sentence that says where the language is doubtful; none if it is nowhere."""
    named = []
    for window in windows:
        if window.sure < _SURE:
            start = speech[window.section].audio.clock(window.span.start)
            named.append(f"{format_clock(start)} ({window.language} or {window.other})")
    if not named:
        return ()
    return (_at_places("language-doubtful", named),)


def foreign_places(
    speech: Sequence[SpeechSection],
    regions: Sequence[Region],
    decoder: Decoder,
) -> tuple[str, ...]:
    """A sentence that says where another language than the region's is spoken; none if nowhere.

    Only regions that were read with little certainty are listened to again, the longest first.
    """
    unlikely = [region for region in regions if region.words and is_unlikely(region)]
    longest = sorted(unlikely, key=lambda region: -region.span.duration)[:_LISTENED]
    named = []
    for region in sorted(longest, key=lambda region: (region.section, region.span.start)):
        (found,) = window_languages(speech, [region], decoder)
        if found.language != region.language and found.sure >= _CLEAR:
            start = speech[region.section].audio.clock(region.span.start)
            named.append(f"{format_clock(start)} ({found.language})")
    if not named:
        return ()
    return (_at_places("language-foreign", named),)


def is_unlikely(region: Region) -> bool:
    """Whether what was read in *region* is improbable in its language."""
    return likelihood(region) < _UNLIKELY


def likelihood(region: Region) -> float:
    """The mean log-probability of what was read in *region*; of nothing, the lowest."""
    found = [word.evidence for word in region.words if word.evidence is not None]
    if not found:
        return -math.inf
    if fmean(each.compression_ratio for each in found) > _REPEATED:
        return -math.inf
    return fmean(each.mean_log_probability for each in found)


def _at_places(code: str, places: Sequence[str]) -> str:
    """A warning of the first of *places*, and how many more there are."""
    named = ", ".join(places[:_NAMED])
    more = len(places) - _NAMED
    if more > 0:
        return WARNINGS.say(f"{code}-more", places=named, more=more)
    return WARNINGS.say(code, places=named)


def one_language(votes: dict[str, float], windows: Sequence[Region]) -> Spoken:
    """The language with most of the votes in every window."""
    warnings: tuple[str, ...] = ()
    second = second_language(votes)
    if second is not None:
        warnings = (WARNINGS.say("language-second", language=second),)
    first = next(iter(votes))
    return Spoken(votes, [replace(window, language=first) for window in windows], warnings)


def second_language(votes: dict[str, float]) -> str | None:
    """The runner-up, if it has enough of the votes for the recording to be mixed."""
    if len(votes) < 2:
        return None
    _, second, *_ = votes
    return second if votes[second] >= _MIXED else None


def unknown_language(language: str, models: Mapping[str, frozenset[str]]) -> InvalidOption:
    """An error that says which languages *models* know, since none knows *language*."""
    name = f" ({LANGUAGES[language]})" if language in LANGUAGES else ""
    whose = "the model does" if len(models) == 1 else "the models do"
    known = [f"{model} knows {_listed(codes)}" for model, codes in models.items()]
    return InvalidOption(f"{whose} not know language {language!r}{name}: {'; '.join(known)}")


def _listed(codes: frozenset[str]) -> str:
    if codes == {ENGLISH}:
        return "English only"
    return ", ".join(sorted(codes))


def _sample(speech: Sequence[SpeechSection], window: Region) -> Waveform:
    span = window.span
    end = min(span.end, span.start + _SAMPLE)
    return speech[window.section].audio.read(Span(span.start, end))
