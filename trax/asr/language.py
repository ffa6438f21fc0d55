"""Which language is spoken: windows from all over the recording vote."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trax.asr.engine import Decoder
from trax.asr.regions import Region
from trax.asr.speech import SpeechSection
from trax.audio import Waveform
from trax.errors import InvalidOption
from trax.transcript import Span, format_clock
from trax.transcript.languages import ENGLISH, LANGUAGES

_VOTERS = 5  # windows
_SAMPLE = 10.0  # seconds of each window
_SURE = 0.5  # probability below which a window's language is doubtful
_NAMED = 5  # doubtful places that a warning names
_MIXED = 0.3  # share of the votes from which a second language is worth a warning


@dataclass(frozen=True, slots=True)
class WindowLanguage:
    """The language of one window.

    Attributes:
        start: of the window, in seconds of the recording.
        code: the most probable language.
        probability: its probability.
        other: the next most probable language; empty if the model knows one alone.
    """

    start: float
    code: str
    probability: float
    other: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """Which languages are spoken.

    Attributes:
        votes: probability of each, highest first.
        by_window: the code for each window.
        warnings: a sentence each about what is doubtful.
    """

    votes: dict[str, float]
    by_window: list[str]
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
) -> list[WindowLanguage]:
    """The most probable language of each window; ties go to the code that sorts first."""
    found = []
    for window in windows:
        (probabilities,) = decoder.detect_languages([_sample(speech, window)])
        first, *others = sorted(probabilities, key=lambda code: (-probabilities[code], code))
        other = others[0] if others else ""
        start = speech[window.section].audio.clock(window.span.start)
        found.append(WindowLanguage(start, first, probabilities[first], other))
    return found


def doubtful_places(languages: Sequence[WindowLanguage]) -> tuple[str, ...]:
    """A sentence that says where the language is doubtful; none if it is nowhere.

    >>> doubtful_places([WindowLanguage(0, "en", 0.9, "de"), WindowLanguage(72, "de", 0.4, "es")])
    ('it is doubtful which language is spoken at 1:12 (de or es)',)
    """
    doubtful = [each for each in languages if each.probability < _SURE]
    if not doubtful:
        return ()
    named = [f"{format_clock(each.start)} ({each.code} or {each.other})" for each in doubtful]
    places = ", ".join(named[:_NAMED])
    more = len(named) - _NAMED
    if more > 0:
        places += f" and {more} more places"
    return (f"it is doubtful which language is spoken at {places}",)


def one_language(votes: dict[str, float], windows: int) -> Spoken:
    """The language with most of the votes in every window."""
    warnings: tuple[str, ...] = ()
    second = second_language(votes)
    if second is not None:
        warnings = (f"part of the recording may be in another language ({second})",)
    return Spoken(votes, [next(iter(votes))] * windows, warnings)


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
