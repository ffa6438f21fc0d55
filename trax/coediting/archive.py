"""What words and segments were in the versions that a document has been."""

from collections.abc import Iterable, Iterator
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
        self._earlier: dict[str, list[Word]] = {}  # those words that were otherwise before
        self._beginning: dict[str, Segment] = {}
        for transcript in versions:
            self.keep(transcript)

    def keep(self, transcript: Transcript) -> None:
        """Remember a version; what was known first of a text or speaker counts."""
        for segment in transcript.segments:
            self._keep_words(segment.words)
            if segment.words:
                self._beginning.setdefault(segment.words[0].id, segment)
        for removed in transcript.removed:
            self._keep_words(removed.words)

    def word(self, name: str) -> Word | None:
        """A word as it was last."""
        return self._words.get(name)

    def had_text(self, name: str, text: str) -> bool:
        """Whether a word ever read so."""
        return any(shown(word.text) == text for word in self._known(name))

    def confidence(self, name: str, text: str, otherwise: float | None) -> float | None:
        """The confidence that a word had with this text."""
        for word in self._known(name):
            if shown(word.text) == text:
                return word.confidence
        return otherwise

    def label(self, name: str, speaker: str | None) -> Label:
        """What a word is to have at a speaker: what it had there, or to be sure."""
        for word in self._known(name):
            if word.speaker == speaker:
                return Label(
                    word=name,
                    speaker=speaker,
                    doubts=word.doubts,
                    confidence=word.speaker_confidence,
                )
        return Label(word=name, speaker=speaker)

    def is_joined(self, name: str) -> bool:
        """Whether no space separated a word from the one before when it was known first."""
        first = next(self._known(name), None)
        return first is not None and first.joined

    def frame(self, name: str) -> Piece | None:
        """The segment that began with a word, without its words."""
        found = self._beginning.get(name)
        return None if found is None else Piece(segment=replace(found, words=()))

    def _keep_words(self, words: Iterable[Word]) -> None:
        known = self._words
        for word in words:
            before = known.setdefault(word.id, word)
            if before is not word:
                self._earlier.setdefault(word.id, []).append(before)
                known[word.id] = word

    def _known(self, name: str) -> Iterator[Word]:
        """All that a word ever was, as it was first to begin with."""
        yield from self._earlier.get(name, ())
        if name in self._words:
            yield self._words[name]
