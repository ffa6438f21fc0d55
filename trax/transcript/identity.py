"""Identities of words: each word of a transcript has a short id that never changes.

An id is made from when the word was said and from what was recognised there, so the same word at
the same time has the same id in every run, whatever a language model made of it. It is assigned
once, when the transcript's document is built, or when a document from before schema 1.4 is read:
rows of databases are never rewritten, so what this module computes must stay the same for good.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from itertools import count

from trax.transcript.document import Transcript
from trax.transcript.enhancement import Edit, Enhancement
from trax.transcript.speech import Word, joined_text, spelling

BEFORE_IDS = "1.3"
"""The last schema version whose words have no ids."""


def identified(transcript: Transcript) -> Transcript:
    """The transcript with an id on every word, removed ones included, and on every edit's words.

    Ids that are there already stay. A word that a language model changed has its id from the text
    that was recognised. Where several recognised words became a different number of words, only
    the first one's time is known: the others have their ids from their own time and text. The
    words of an edit are found by its time and text; where these fit several places, or none, the
    edit names no words.
    """
    if _is_identified(transcript):
        return transcript
    ids = iter(_ids(transcript))
    segments = tuple(replace(each, words=_named(each.words, ids)) for each in transcript.segments)
    removed = tuple(replace(each, words=_named(each.words, ids)) for each in transcript.removed)
    named = replace(transcript, segments=segments, removed=removed)
    if named.enhancement is None:
        return named
    return replace(named, enhancement=_linked(named.enhancement, named.words))


def without_ids(transcript: Transcript) -> Transcript:
    """The transcript as schema 1.3 had it, to compare it with documents of that time."""
    segments = tuple(replace(each, words=_nameless(each.words)) for each in transcript.segments)
    removed = tuple(replace(each, words=_nameless(each.words)) for each in transcript.removed)
    enhancement = transcript.enhancement
    if enhancement is not None:
        edits = tuple(replace(edit, words=()) for edit in enhancement.edits)
        enhancement = replace(enhancement, edits=edits)
    return replace(
        transcript,
        segments=segments,
        removed=removed,
        enhancement=enhancement,
        schema_version=BEFORE_IDS,
    )


def word_id(start: float, text: str, taken: Container[str] = ()) -> str:
    """The id of a word that starts at *start* seconds; case and punctuation do not count.

    Where that id is *taken*, by an equal word at the same millisecond, the next one in a fixed
    order.

    >>> word_id(1.5, "Hello,"), word_id(1.5, "hello")
    ('5f6313192cb8', '5f6313192cb8')
    """
    said = f"{_milliseconds(start)} {spelling(text) or text}"
    for number in count():
        key = f"{said} {number}" if number else said
        found = blake2b(key.encode(), digest_size=6).hexdigest()
        if found not in taken:
            break
    return found


def former_words(words: Sequence[Word], before: str, taken: Container[str] = ()) -> list[Word]:
    """What stood in the place of *words* when their text was *before*.

    Where the number of words differs they share the time by their letters, since their former
    times were not kept; the first keeps its id.
    """
    texts = _cut_like(words, before) or before.split()
    if len(texts) == len(words):
        return [replace(word, text=text) for word, text in zip(words, texts, strict=True)]
    return list(_sharing_time(words, texts, taken))


def _is_identified(transcript: Transcript) -> bool:
    edits = transcript.enhancement.made if transcript.enhancement else ()
    return all(word.id for word in _all_words(transcript)) and all(edit.words for edit in edits)


def _all_words(transcript: Transcript) -> Iterator[Word]:
    yield from transcript.words
    for each in transcript.removed:
        yield from each.words


def _ids(transcript: Transcript) -> Iterator[str]:
    """The id of every word in order, those of removed words last."""
    heard = _heard(transcript)
    taken = {word.id for word in _all_words(transcript) if word.id}
    for at, word in enumerate(_all_words(transcript)):
        found = word.id or word_id(word.start, heard.get(str(at), word.text), taken)
        taken.add(found)
        yield found


def _heard(transcript: Transcript) -> dict[str, str]:
    """The recognised text of each word, by the word's number, where a language model changed it."""
    made = transcript.enhancement.made if transcript.enhancement else ()
    numbered = [replace(word, id=str(at)) for at, word in enumerate(transcript.words)]
    view = _View(numbered)
    for edit in reversed(made):
        view.take_back(edit)
    return {word.id: word.text for word in view.words} if made else {}


def _linked(enhancement: Enhancement, words: Sequence[Word]) -> Enhancement:
    view = _View(words)
    edits = list(enhancement.edits)
    for at, edit in reversed(list(enumerate(edits))):
        if not edit.rejected:
            found = view.take_back(edit)
            edits[at] = replace(edit, words=edit.words or found)
    return replace(enhancement, edits=tuple(edits))


class _View:
    """The words of a transcript while edits are taken back, the last one first."""

    def __init__(self, words: Iterable[Word]) -> None:
        self.words = list(words)
        self._index()

    def take_back(self, edit: Edit) -> tuple[str, ...]:
        """Put back what stood there before *edit*, and return the ids of the words it had made."""
        place = self._place(edit)
        if place is None:
            return ()
        made = self.words[place.start : place.stop]
        taken = {word.id for word in self.words} if len(made) != len(edit.before.split()) else ()
        former = former_words(made, edit.before, taken)
        self.words[place.start : place.stop] = former
        if len(former) != len(made):
            self._index()
        return tuple(word.id for word in made)

    def _index(self) -> None:
        self._starting: dict[int, list[int]] = defaultdict(list)
        for at, word in enumerate(self.words):
            self._starting[_milliseconds(word.start)].append(at)

    def _place(self, edit: Edit) -> range | None:
        """Where the words stand that *edit* made; ``None`` if nowhere or in several places."""
        firsts = self._starting.get(_milliseconds(edit.start), [])
        runs = [run for first in firsts if (run := self._run(first, edit))]
        return runs[0] if len(runs) == 1 else None

    def _run(self, first: int, edit: Edit) -> range | None:
        end = 0.0
        for last in range(first, len(self.words)):
            text = joined_text(self.words[first : last + 1])
            end = max(end, self.words[last].end)
            if len(text) > len(edit.after):
                return None
            if text == edit.after and _milliseconds(end) == _milliseconds(edit.end):
                return range(first, last + 1)
        return None


def _cut_like(words: Sequence[Word], text: str) -> list[str]:
    """*text* cut into as many pieces as *words* that no space separates; empty if their letters
    differ.
    """
    if not all(word.joined for word in words[1:]) or spelling(text) != spelling(joined_text(words)):
        return []
    pieces = []
    rest = text
    for word in words[:-1]:
        letters = len(spelling(word.text))
        fitting = [at for at in range(len(rest) + 1) if len(spelling(rest[:at])) == letters]
        cut = max(fitting, default=0)
        pieces.append(rest[:cut])
        rest = rest[cut:]
    pieces.append(rest)
    return pieces if all(pieces) else []


def _sharing_time(
    words: Sequence[Word], texts: Sequence[str], taken: Container[str]
) -> Iterator[Word]:
    start = words[0].start
    end = max(word.end for word in words)
    total = sum(map(len, texts))
    done = 0
    for at, text in enumerate(texts):
        first = start + (end - start) * done / total
        done += len(text)
        past = start + (end - start) * done / total
        word = replace(
            words[0],
            start=min(first, end),
            end=min(max(first, past), end),
            text=text,
            alternatives=(),
        )
        if at:
            word = replace(word, id=word_id(word.start, text, taken), joined=False)
        yield word


def _named(words: Iterable[Word], ids: Iterator[str]) -> tuple[Word, ...]:
    return tuple(replace(word, id=next(ids)) for word in words)


def _nameless(words: Iterable[Word]) -> tuple[Word, ...]:
    return tuple(replace(word, id="") for word in words)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
