"""Which language is spoken: windows from all over the recording vote."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from trax.asr.engine import Decoder
from trax.audio import StoredAudio, Waveform
from trax.errors import InvalidOption
from trax.transcript import Span
from trax.transcript.languages import ENGLISH, LANGUAGES

_VOTERS = 5  # windows
_SAMPLE = 10.0  # seconds of each window
_MIXED = 0.3  # share of the votes from which a second language is worth a warning


def language_votes(
    audio: StoredAudio,
    windows: Sequence[Span],
    decoder: Decoder,
) -> dict[str, float]:
    """The probability of each language, highest first; they sum to 1.

    Five windows spread over the recording vote, weighted by their length. Ties go to the code that
    sorts first.
    """
    step = max(1, len(windows) // _VOTERS)
    chosen = windows[step // 2 :: step][:_VOTERS]
    voters = [_sample(audio, window) for window in chosen]
    totals: dict[str, float] = defaultdict(float)
    for voter, probabilities in zip(voters, decoder.detect_languages(voters), strict=True):
        for language, probability in probabilities.items():
            totals[language] += probability * voter.duration
    duration = sum(voter.duration for voter in voters)
    ranked = sorted(totals, key=lambda language: (-totals[language], language))
    return {language: totals[language] / duration for language in ranked}


def window_languages(
    audio: StoredAudio,
    windows: Sequence[Span],
    decoder: Decoder,
) -> list[str]:
    """The most probable language of each window; ties go to the code that sorts first."""
    found = []
    for window in windows:
        (probabilities,) = decoder.detect_languages([_sample(audio, window)])
        found.append(max(sorted(probabilities), key=probabilities.__getitem__))
    return found


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


def _sample(audio: StoredAudio, window: Span) -> Waveform:
    end = min(window.end, window.start + _SAMPLE)
    return audio.read(Span(window.start, end))
