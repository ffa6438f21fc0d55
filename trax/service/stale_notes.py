"""Which notes rest on text that people changed since they were made."""

from dataclasses import dataclass
from itertools import pairwise

from trax.service.differences import Difference, differences
from trax.store import TranscriptRepository
from trax.transcript import Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleNotes:
    """What is to be read with care, or made again.

    Attributes:
        version: that was looked at.
        since: the version that the notes were made of.
        summary: whether the text that it sums up was changed.
        chapters: starts of those whose text was changed, in seconds.
    """

    version: int
    since: int
    summary: bool
    chapters: tuple[float, ...]


def stale_notes(transcripts: TranscriptRepository, reference: str) -> StaleNotes:
    """What of a transcript's notes is stale; other speakers for the same words change none.

    Raises:
        NotFound: there is no such transcript.
    """
    versions = transcripts.versions(reference)
    newest = versions[0]
    made = next((each for each in versions if each.job_id), versions[-1])
    before = transcripts.get(newest.id, made.version)
    after = transcripts.get(newest.id, newest.version)
    changed = [each for each in differences(before, after) if each.kind != "relabelled"]
    return StaleNotes(
        version=newest.version,
        since=made.version,
        summary=bool(changed and after.notes and after.notes.summary),
        chapters=tuple(
            start
            for start, end in _chapters(after)
            if any(_is_in(each, start, end) for each in changed)
        ),
    )


def _is_in(change: Difference, start: float, end: float) -> bool:
    """Whether a change lies in a chapter, or reaches into it."""
    return start <= change.start < end or change.start < start < change.end


def _chapters(document: Transcript) -> list[tuple[float, float]]:
    """Start and end of each chapter."""
    starts = [each.start for each in document.notes.chapters] if document.notes else []
    return list(pairwise([*starts, float("inf")]))
