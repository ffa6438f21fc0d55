"""What words and segments were in the versions that a document has been."""

from collections.abc import Iterable
from dataclasses import replace

from trax.coediting.lines import shown
from trax.revision import Label, Piece
from trax.transcript import Segment, Transcript, Word


class Archive:
    """Remembers words, so that whoever undoes a change has them back as they were.

    Args:
        versions: of the transcript, oldest first.
    """

    def __init__(self, versions: Iterable[Transcript] = ()) -> None:
        self._words: dict[str, Word] = {}
        self._confidences: dict[tuple[str, str], float | None] = {}
        self._labels: dict[tuple[str, str | None], Label] = {}
        self._joined: set[str] = set()
        self._frames: dict[str, Segment] = {}
        for transcript in versions:
            self.keep(transcript)

    def keep(self, transcript: Transcript) -> None:
        """Remember a version; what was known first of a text or speaker counts."""
        for segment in transcript.segments:
            for word in segment.words:
                self._keep_word(word)
            if segment.words:
                frame = replace(segment, words=())
                self._frames.setdefault(segment.words[0].id, frame)
        for removed in transcript.removed:
            for word in removed.words:
                self._keep_word(word)

    def word(self, name: str) -> Word | None:
        """A word as it was last."""
        return self._words.get(name)

    def had_text(self, name: str, text: str) -> bool:
        """Whether a word ever read so."""
        return (name, text) in self._confidences

    def confidence(self, name: str, text: str, otherwise: float | None) -> float | None:
        """The confidence that a word had with this text."""
        return self._confidences.get((name, text), otherwise)

    def label(self, name: str, speaker: str | None) -> Label:
        """What a word is to have at a speaker: what it had there, or to be sure."""
        return self._labels.get((name, speaker)) or Label(word=name, speaker=speaker)

    def is_joined(self, name: str) -> bool:
        """Whether no space separates a word from the one before."""
        return name in self._joined

    def frame(self, name: str) -> Piece | None:
        """The segment that began with a word, without its words."""
        found = self._frames.get(name)
        return None if found is None else Piece(segment=found)

    def _keep_word(self, word: Word) -> None:
        if word.id not in self._words and word.joined:
            self._joined.add(word.id)
        self._words[word.id] = word
        self._confidences.setdefault((word.id, shown(word.text)), word.confidence)
        label = Label(
            word=word.id,
            speaker=word.speaker,
            doubts=word.doubts,
            confidence=word.speaker_confidence,
        )
        self._labels.setdefault((word.id, word.speaker), label)
