"""Which language is spoken: windows from all over the recording vote."""

from collections import defaultdict
from collections.abc import Sequence

from trax.asr.engine import Decoder
from trax.audio import StoredAudio, Waveform
from trax.transcript import Span

_VOTERS = 5  # windows
_LISTEN = 10.0  # seconds of each
_MIXED = 0.3  # share of the vote that a second language needs to be worth a warning


def vote(audio: StoredAudio, windows: Sequence[Span], decoder: Decoder) -> dict[str, float]:
    """How likely the recording is in each language, the likeliest first; probabilities sum to 1."""
    step = max(1, len(windows) // _VOTERS)
    voters = [_head(audio, window) for window in windows[step // 2 :: step][:_VOTERS]]
    totals: dict[str, float] = defaultdict(float)
    for voter, found in zip(voters, decoder.languages(voters), strict=True):
        for language, probability in found.items():
            totals[language] += probability * voter.duration
    heard = sum(voter.duration for voter in voters)
    return {
        each: totals[each] / heard
        for each in sorted(totals, key=lambda each: (-totals[each], each))
    }


def each_window(audio: StoredAudio, windows: Sequence[Span], decoder: Decoder) -> list[str]:
    """The likeliest language of each window."""
    found = (decoder.languages([_head(audio, window)])[0] for window in windows)
    return [max(sorted(each), key=lambda language: each[language]) for each in found]


def second_language(votes: dict[str, float]) -> str | None:
    """A language besides the likeliest that has so much of the vote that the recording may be
    mixed.
    """
    rest = list(votes.items())[1:2]
    return rest[0][0] if rest and rest[0][1] >= _MIXED else None


def _head(audio: StoredAudio, window: Span) -> Waveform:
    return audio.read(Span(window.start, min(window.end, window.start + _LISTEN)))
