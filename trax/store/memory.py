"""Documents that were read or written lately: versions never change, and reading one takes long."""

import threading
from collections import OrderedDict

from trax.transcript import Transcript

MOST_WORDS = 250_000
"""Words of all documents that are remembered; some hundred megabytes."""

Key = tuple[str, int, str]
"""Id, version and digest of a transcript."""


class DocumentMemory:
    """The documents used last, without whose voices they are."""

    def __init__(self, most_words: int = MOST_WORDS) -> None:
        self._most_words = most_words
        self._lock = threading.Lock()
        self._documents: OrderedDict[Key, tuple[Transcript, int]] = OrderedDict()

    def get(self, key: Key) -> Transcript | None:
        """The document, if it is remembered."""
        with self._lock:
            found = self._documents.get(key)
            if found is None:
                return None
            self._documents.move_to_end(key)
            return found[0]

    def put(self, key: Key, document: Transcript) -> None:
        """Remember a document, and forget those that were used longest ago."""
        words = sum(len(segment.words) for segment in document.segments)
        with self._lock:
            self._documents[key] = (document, words)
            self._documents.move_to_end(key)
            total = sum(count for _document, count in self._documents.values())
            while total > self._most_words:
                _key, (_gone, count) = self._documents.popitem(last=False)
                total -= count
