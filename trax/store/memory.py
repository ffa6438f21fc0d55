"""Documents that were read or written lately: versions never change, and reading one takes long."""

import threading
from collections import Counter, OrderedDict

from trax.transcript import Segment, Transcript

MOST_WORDS = 250_000
"""Words of all documents that are remembered; some hundred megabytes. A segment that several
versions share counts once.
"""

_MOST = 1_000  # documents, however little each has of its own

Key = tuple[str, int, str]
"""Id, version and digest of a transcript."""


class DocumentMemory:
    """The documents used last, without whose voices they are."""

    def __init__(self, most_words: int = MOST_WORDS) -> None:
        self._most_words = most_words
        self._lock = threading.Lock()
        self._documents: OrderedDict[Key, Transcript] = OrderedDict()
        self._holders: Counter[int] = Counter()  # documents that hold a segment, by its address
        self._words = 0

    def get(self, key: Key) -> Transcript | None:
        """The document, if it is remembered."""
        with self._lock:
            found = self._documents.get(key)
            if found is not None:
                self._documents.move_to_end(key)
            return found

    def put(self, key: Key, document: Transcript) -> None:
        """Remember a document, and forget those that were used longest ago."""
        with self._lock:
            if key in self._documents:
                self._forget(key)
            self._documents[key] = document
            for segment in document.segments:
                self._hold(segment)
            while self._words > self._most_words or len(self._documents) > _MOST:
                self._forget(next(iter(self._documents)))

    def _hold(self, segment: Segment) -> None:
        self._holders[id(segment)] += 1
        if self._holders[id(segment)] == 1:
            self._words += len(segment.words)

    def _forget(self, key: Key) -> None:
        for segment in self._documents.pop(key).segments:
            self._holders[id(segment)] -= 1
            if not self._holders[id(segment)]:
                del self._holders[id(segment)]
                self._words -= len(segment.words)
