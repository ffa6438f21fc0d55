"""Who says committed words, told again and again while a session goes on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, takewhile

import numpy as np

from trax.asr.engine import no_progress
from trax.audio import Waveform
from trax.diarization import DiarizationSession
from trax.diarization.labels import speaker_label
from trax.diarization.profiles import LEAST_SPEECH, VoiceProfile, identify_speakers
from trax.merge import assign_speakers
from trax.transcript import Diarization, Turn, Word

_BEGIN = 2.0  # seconds of sound before the first answer
_HISTORY = 300.0  # seconds of sound that an answer looks back on
_EDGE = 10.0  # seconds: at the beginning of these nothing is told; before a restart it is told anew
_BACK = 60.0  # seconds before the last known word that are heard again after a restart


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

    A diarizer numbers speakers anew each time it is asked, and looks back on the last five minutes
    alone; here whoever spoke when a speaker of the former answer did keeps that one's label, and
    whoever was silent for longer, or before a restart, is known by voice.

    Attributes:
        session: the diarizer's.
        known: people, by profile's id.
        names: of known people who were heard, by label.
        turns: as they were told last.
        voices: how speakers sound, by label, of those who have said enough.
        begin: seconds: when the sound begins that the diarizer takes.
    """

    session: DiarizationSession
    known: Mapping[str, Known] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    turns: tuple[Turn, ...] = ()
    voices: dict[str, VoiceProfile] = field(default_factory=dict)
    begin: float = 0.0
    _seconds: float = 0.0
    _settled: float = 0.0  # words that begin before that stay whose they are
    _labels: dict[str, str] = field(default_factory=dict)  # of words, as they were told last
    _taken: set[str] = field(default_factory=set)  # labels that somebody has or had

    def go_on(
        self, words: Sequence[Word], names: Mapping[str, str], voices: Mapping[str, VoiceProfile]
    ) -> None:
        """Keep to what was told before a restart, before any sound is heard.

        Args:
            words: all that were committed, with their speakers.
            names: of known people who were heard, by label.
            voices: how speakers sound, by label.
        """
        told = [word for word in words if word.speaker]
        self._labels = {word.id: word.speaker for word in told if word.speaker}
        self._taken = {*self._labels.values(), *names, *voices}
        self.names = dict(names)
        self.voices = dict(voices)
        if told:
            self.begin = max(0.0, told[-1].end - _BACK)
            self._settled = max(0.0, told[-1].end - _EDGE)
            self.turns = tuple(
                Turn(word.start, word.end, word.speaker)
                for word in told
                if word.speaker and word.start >= self.begin
            )

    def hear(self, sound: Waveform) -> None:
        """Take the sound that follows, mono at 16 kHz.

        Raises:
            TraxError: models cannot be loaded, or failed.
        """
        self._seconds += sound.duration
        self.session.feed(sound, no_progress)

    def tell(
        self, words: Sequence[Word], decided: Collection[str] = ()
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Whose words are known or known better than before: labels by word, and names by label.

        Args:
            words: all that were committed.
            decided: labels that stay, because people named them.

        Raises:
            TraxError: models failed.
        """
        recent = _between(words, self._settled, self.begin + self._seconds)
        if self._seconds < _BEGIN or not recent:
            return {}, {}
        self._forget(self._seconds - _HISTORY)
        found = self.session.result(no_progress)
        turns = tuple(turn.shifted(self.begin) for turn in found.exclusive_turns)
        stable = self._stable(found, turns, decided)
        self.turns = _relabelled(turns, stable)
        return self._changes(recent), self._new_names(found, stable)

    def _forget(self, before: float) -> None:
        if before > 0:
            self.session.forget(before)
            self._settled = max(self._settled, self.begin + before + _EDGE)

    def _changes(self, words: Sequence[Word]) -> dict[str, str]:
        told = assign_speakers(words, self.turns) if self.turns else []
        changes = {
            word.id: word.speaker
            for word in told
            if word.speaker and self._labels.get(word.id) != word.speaker
        }
        self._labels.update(changes)
        return changes

    def _stable(
        self, found: Diarization, turns: Sequence[Turn], decided: Collection[str]
    ) -> dict[str, str]:
        """The label that each speaker keeps or gets."""
        labels = list(dict.fromkeys(turn.speaker for turn in turns))
        former = list(dict.fromkeys(turn.speaker for turn in self.turns))
        stable = matched(labels, turns, former, self.turns)
        heard = _voices(found)
        stable |= self._returned(heard, stable, decided)
        for label in labels:
            if label not in stable:
                stable[label] = self._new_label()
        self.voices |= {stable[label]: voice for label, voice in heard.items() if label in stable}
        return stable

    def _returned(
        self,
        heard: Mapping[str, VoiceProfile],
        stable: Mapping[str, str],
        decided: Collection[str],
    ) -> dict[str, str]:
        """Former labels of people who are new here, or have not said enough until now, and sound
        like somebody who was not heard for long.
        """
        settled = {*self.voices, *decided}
        unknown = {
            label: voice for label, voice in heard.items() if stable.get(label) not in settled
        }
        here = set(stable.values())
        absent = {label: voice for label, voice in self.voices.items() if label not in here}
        found = identify_speakers(unknown, absent)
        return {label: name for label, (name, _cosine) in found.items()}

    def _new_label(self) -> str:
        free = (speaker_label(number) for number in count())
        label = next(label for label in free if label not in self._taken)
        self._taken.add(label)
        return label

    def _new_names(self, found: Diarization, stable: Mapping[str, str]) -> dict[str, str]:
        if not self.known:
            return {}
        profiles = {name: known.profile for name, known in self.known.items()}
        known = identify_speakers(_voices(found), profiles)
        names = {
            stable[label]: self.known[who].name
            for label, (who, _cosine) in known.items()
            if label in stable
        }
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


def _between(words: Sequence[Word], first: float, past: float) -> list[Word]:
    """The words that begin from *first* to before *past*."""
    newest = takewhile(lambda word: word.start >= first, reversed(words))
    return [word for word in newest if word.start < past][::-1]


def _voices(found: Diarization) -> dict[str, VoiceProfile]:
    """How those sound who have said enough to be known by it."""
    voices = {}
    for label, embedding in found.embeddings.items():
        seconds = sum(turn.duration for turn in found.exclusive_turns if turn.speaker == label)
        if seconds >= LEAST_SPEECH:
            voices[label] = VoiceProfile(
                voice_model=found.voice_model, embedding=embedding, seconds=seconds
            )
    return voices
