"""What the sound says about who speaks when."""

from dataclasses import dataclass, field

from trax.transcript import Activity, Turn, Word

UNSURE = 0.9
"""A word whose speaker is at least this sure stays with that speaker."""

AUDIBLE = 0.25
"""The probability with which a word's new speaker must speak during it."""

_NEAR = 0.25  # seconds around a turn in which its speaker may have spoken


@dataclass(frozen=True, slots=True)
class Acoustics:
    """Who probably speaks when, by the sound alone.

    Attributes:
        turns: of all speakers; they decide if there is no activity.
        activity: probability of each speaker over time.
    """

    turns: tuple[Turn, ...] = ()
    activity: Activity = field(default_factory=Activity)

    def allows(self, word: Word, speaker: str) -> bool:
        """Whether *word* may have another speaker, and *speaker* can be heard during it."""
        if self.activity.levels:
            return self._is_unsure(word) and self._is_audible(word, speaker)
        return bool(word.doubts) and self._has_turn_near(word, speaker)

    def _is_unsure(self, word: Word) -> bool:
        return word.speaker_confidence is None or word.speaker_confidence < UNSURE

    def _is_audible(self, word: Word, speaker: str) -> bool:
        return self.activity.during(word).get(speaker, 0.0) >= AUDIBLE

    def _has_turn_near(self, word: Word, speaker: str) -> bool:
        own_turns = (turn for turn in self.turns if turn.speaker == speaker)
        return any(turn.distance(word) <= _NEAR for turn in own_turns)
