"""A session's words as everything that has happened left them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from trax.live.events import (
    Assigned,
    Corrected,
    Decision,
    Event,
    Marked,
    Named,
    Said,
    Spoken,
    Vocabulary,
)
from trax.transcript import Word

_DECISIONS = (Corrected, Named, Assigned, Marked, Vocabulary)


@dataclass
class Captions:
    """Everything that is known of what was said.

    Attributes:
        words: committed ones by id, in order, with their speakers.
        labels: of speakers, by first appearance.
        tentative: words after them.
        voices: names of known voices by label.
        names: that people gave, by label.
        assigned: words whose speaker people gave.
        decisions: what people decided, in order.
        heard: seconds of sound that were listened to.
    """

    words: dict[str, Word] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    tentative: tuple[Word, ...] = ()
    voices: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    assigned: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    heard: float = 0.0

    def take(self, event: Event) -> None:
        """Let *event* happen."""
        match event:
            case Said():
                self.words.update({word.id: word for word in event.committed})
                self.tentative = event.tentative
                self.heard = event.heard
            case Spoken():
                self.voices.update(event.names)
                self._label(event.words)
                self._find_labels()
            case Assigned():
                self.assigned.update(event.words)
                for each in event.words:
                    self.words[each] = replace(self.words[each], speaker=event.speaker)
                self._find_labels()
            case Named():
                self.names[event.speaker] = event.name
            case Corrected():
                self.texts[event.word] = event.text
            case _:
                pass
        if isinstance(event, _DECISIONS):
            self.decisions.append(event)

    def _label(self, labels: dict[str, str]) -> None:
        for name, label in labels.items():
            if name not in self.assigned:
                self.words[name] = replace(self.words[name], speaker=label)

    def _find_labels(self) -> None:
        found = dict.fromkeys(word.speaker for word in self.words.values() if word.speaker)
        self.labels = list(found)

    def copy(self) -> "Captions":
        """The same as it is now, for somebody who looks while more happens."""
        return Captions(
            words=dict(self.words),
            labels=list(self.labels),
            tentative=self.tentative,
            voices=dict(self.voices),
            names=dict(self.names),
            assigned=set(self.assigned),
            texts=dict(self.texts),
            decisions=list(self.decisions),
            heard=self.heard,
        )

    def text_of(self, word: Word) -> str:
        """A word's text, as people left it."""
        return self.texts.get(word.id, word.text)

    def name_of(self, label: str | None) -> str:
        """How people know a speaker; empty if nobody knows who it is."""
        if label is None or label not in self.labels:
            return ""
        known = self.names.get(label) or self.voices.get(label)
        return known or f"Speaker {self.labels.index(label) + 1}"


def captions_of(events: Iterable[Event]) -> Captions:
    """What *events* came to."""
    captions = Captions()
    for event in events:
        captions.take(event)
    return captions
