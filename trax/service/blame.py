"""Who last changed each word of a transcript, and when."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from trax.revision import Insert, Operation, Relabel, Replace, Restore, Together
from trax.service.differences import differences
from trax.store import Revision, RevisionRepository
from trax.transcript import Word, joined_text

_AT_ONCE = 20  # changes that are held with all that they did


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Words one behind the other that the same change made what they are.

    Attributes:
        words: ids.
        start: seconds.
        end: seconds.
        revision: the last change of them, without its operations.
    """

    words: tuple[str, ...]
    text: str
    start: float
    end: float
    revision: Revision


def last_changes(
    revisions: RevisionRepository, reference: str, version: int | None = None
) -> list[Stretch]:
    """What people changed in a version, in order of the text; the rest is as a machine made it.

    Raises:
        NotFound: there is no such transcript or version.
    """
    newest = revisions.transcripts.versions(reference)[0]
    chosen = version or newest.version
    document = revisions.transcripts.get(newest.id, chosen)
    words = document.words
    wanted = {word.id for word in words}
    last: dict[str, Revision] = {}
    for revision in _from_the_newest(revisions, newest.id, chosen + 1):
        found = wanted.intersection(_words_of(revisions, revision))
        last |= dict.fromkeys(found, replace(revision, operations=None, inverse=None))
        wanted -= found
        if not wanted:
            break
    return list(_stretches(words, last))


def _from_the_newest(
    revisions: RevisionRepository, reference: str, before: int
) -> Iterator[Revision]:
    """The changes that made earlier versions than one, a few at a time."""
    while found := revisions.newest(reference, _AT_ONCE, before):
        yield from found
        before = found[-1].version


def _stretches(words: Sequence[Word], last: dict[str, Revision]) -> Iterator[Stretch]:
    run: list[Word] = []
    for word in words:
        if run and last.get(word.id) is not last.get(run[0].id):
            yield from _stretch(run, last)
            run = []
        run.append(word)
    yield from _stretch(run, last)


def _stretch(run: Sequence[Word], last: dict[str, Revision]) -> Iterator[Stretch]:
    if run and run[0].id in last:
        yield Stretch(
            words=tuple(word.id for word in run),
            text=joined_text(run),
            start=min(word.start for word in run),
            end=max(word.end for word in run),
            revision=last[run[0].id],
        )


def _words_of(revisions: RevisionRepository, revision: Revision) -> Iterable[str]:
    """Ids of the words that a change made what they are."""
    if revision.operations is not None:
        return [word for each in revision.operations for word in _touched(each)]
    transcripts = revisions.transcripts
    before = transcripts.get(revision.transcript_id, revision.base_version)
    after = transcripts.get(revision.transcript_id, revision.version)
    return [word for each in differences(before, after) for word in each.words_after]


def _touched(operation: Operation) -> Iterator[str]:
    match operation:
        case Replace(word=word):
            yield word
        case Insert(words=words):
            yield from (each.id for each in words)
        case Relabel(labels=labels):
            yield from (each.word for each in labels)
        case Restore(word=word, pieces=pieces):
            yield word
            yield from (each.id for piece in pieces for each in piece.segment.words)
        case Together(operations=operations):
            for each in operations:
                yield from _touched(each)
