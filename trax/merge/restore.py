"""Text that was taken out of a transcript, put back."""

from collections.abc import Iterable
from dataclasses import replace

from trax.errors import NotFound
from trax.merge.speakers import assign_speakers, split_by_speaker
from trax.transcript import Removed, Segment, Transcript


def restored(transcript: Transcript, numbers: Iterable[int]) -> Transcript:
    """The transcript with the removed texts of *numbers* in it again; the first is 1.

    Each comes back as a segment of its own at its own time, by the speaker whose turn it is in.

    Raises:
        NotFound: nothing with such a number was removed.
    """
    wanted = set(numbers)
    if unknown := wanted - set(range(1, len(transcript.removed) + 1)):
        advice = f"{len(transcript.removed)} texts were removed from transcript {transcript.id}"
        raise NotFound("removed text", str(min(unknown)), advice)
    back = [
        piece
        for number in sorted(wanted)
        for piece in _segments(transcript, transcript.removed[number - 1])
    ]
    left = tuple(
        each for number, each in enumerate(transcript.removed, start=1) if number not in wanted
    )
    segments = sorted([*transcript.segments, *back], key=lambda segment: segment.start)
    return replace(transcript, segments=tuple(segments), removed=left)


def _segments(transcript: Transcript, removed: Removed) -> list[Segment]:
    words = assign_speakers(removed.words, transcript.exclusive_turns, transcript.turns)
    return split_by_speaker(Segment(words[0].start, max(word.end for word in words), tuple(words)))
