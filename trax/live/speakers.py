"""Who says committed words, told again and again while a session goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from trax.asr.engine import no_progress
from trax.audio import Waveform
from trax.diarization import DiarizationSession
from trax.diarization.profiles import LEAST_SPEECH, VoiceProfile, identify_speakers
from trax.merge import assign_speakers
from trax.transcript import Diarization, Turn, Word

_BEGIN = 2.0  # seconds of sound before the first answer


@dataclass(frozen=True, slots=True)
class Known:
    """A person's voice.

    Attributes:
        name: of the person.
    """

    name: str
    profile: VoiceProfile


@dataclass
class LiveSpeakers:
    """Speakers with labels that stay theirs.

    A diarizer numbers speakers anew each time it is asked; here whoever spoke when a speaker of the
    former answer did keeps that one's label.

    Attributes:
        session: the diarizer's.
        voices: known people, by profile's id.
        names: of known people who were heard, by label.
        turns: as they were told last.
    """

    session: DiarizationSession
    voices: Mapping[str, Known] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    turns: tuple[Turn, ...] = ()
    _seconds: float = 0.0
    _labels: dict[str, str] = field(default_factory=dict)  # of words, as they were told last
    _count: int = 0

    def hear(self, sound: Waveform) -> None:
        """Take the sound that follows, mono at 16 kHz.

        Raises:
            TraxError: models cannot be loaded, or failed.
        """
        self._seconds += sound.duration
        self.session.feed(sound, no_progress)

    def tell(self, words: Sequence[Word]) -> tuple[dict[str, str], dict[str, str]]:
        """Whose words are known or known better than before: labels by word, and names by label.

        Args:
            words: all that were committed.

        Raises:
            TraxError: models failed.
        """
        if self._seconds < _BEGIN:
            return {}, {}
        found = self.session.result(no_progress)
        stable = self._stable(found.exclusive_turns)
        turns = _relabelled(found.exclusive_turns, stable)
        self.turns = turns
        told = assign_speakers(words, turns) if turns else []
        changes = {
            word.id: word.speaker
            for word in told
            if word.speaker and self._labels.get(word.id) != word.speaker
        }
        self._labels.update(changes)
        return changes, self._new_names(found, stable)

    def _stable(self, turns: Sequence[Turn]) -> dict[str, str]:
        """The label that each speaker keeps or gets."""
        labels = list(dict.fromkeys(turn.speaker for turn in turns))
        former = list(dict.fromkeys(turn.speaker for turn in self.turns))
        stable = matched(labels, turns, former, self.turns)
        for label in labels:
            if label not in stable:
                stable[label] = f"SPEAKER_{self._count:02d}"
                self._count += 1
        return stable

    def _new_names(self, found: Diarization, stable: Mapping[str, str]) -> dict[str, str]:
        if not self.voices:
            return {}
        heard = {
            label: VoiceProfile(
                voice_model=found.voice_model,
                embedding=found.embeddings[label],
                seconds=_speech(found, label),
            )
            for label in found.embeddings
        }
        profiles = {name: known.profile for name, known in self.voices.items()}
        known = identify_speakers(heard, profiles)
        names = {stable[label]: self.voices[who].name for label, (who, _) in known.items()}
        news = {label: name for label, name in names.items() if self.names.get(label) != name}
        self.names.update(news)
        return news


def matched(
    labels: Sequence[str],
    turns: Sequence[Turn],
    former: Sequence[str],
    former_turns: Sequence[Turn],
) -> dict[str, str]:
    """The former label of each of *labels* that has one: those pairs that spoke at the same time
    for the longest, all in all.
    """
    from scipy.optimize import linear_sum_assignment

    shared = np.zeros((len(labels), len(former)))
    rows = {label: at for at, label in enumerate(labels)}
    columns = {label: at for at, label in enumerate(former)}
    at = 0
    for turn in turns:
        while at < len(former_turns) and former_turns[at].end <= turn.start:
            at += 1
        for other in former_turns[at:]:
            if other.start >= turn.end:
                break
            shared[rows[turn.speaker], columns[other.speaker]] += turn.overlap(other)
    found = linear_sum_assignment(-shared)
    pairs = zip(found[0].tolist(), found[1].tolist(), strict=True)
    return {labels[row]: former[column] for row, column in pairs if shared[row, column] > 0}


def _relabelled(turns: Sequence[Turn], stable: Mapping[str, str]) -> tuple[Turn, ...]:
    return tuple(
        Turn(turn.start, turn.end, stable[turn.speaker], turn.confidence) for turn in turns
    )


def _speech(found: Diarization, label: str) -> float:
    spoken = sum(turn.duration for turn in found.exclusive_turns if turn.speaker == label)
    return max(spoken, 0.0) if spoken >= LEAST_SPEECH else 0.0
