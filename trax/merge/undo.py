"""What a language model did to a transcript, undone; what it proposed, done."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from trax.errors import InvalidOption, NotFound
from trax.transcript import Edit, EditKind, Segment, Transcript, Word, joined_text

_NEAR = 0.002  # seconds: times are rounded to thousandths


def undone(transcript: Transcript, numbers: Iterable[int] = ()) -> Transcript:
    """The transcript with what was there before edits; the first is 1, and no *numbers* are all
    edits that were made.

    Words that became others have their former text again. The times within are shared by letters
    where their number differs, since those of the former words were not kept.

    Raises:
        NotFound: no edit with such a number was made.
        InvalidOption: its words were changed once more, or moved apart.
    """
    edits = transcript.enhancement.edits if transcript.enhancement else ()
    made = {number for number, edit in enumerate(edits, start=1) if not edit.rejected}
    wanted = set(numbers) or made
    if wanted - made or not made:
        missing = str(min(wanted - made)) if wanted - made else "any"
        raise NotFound("edit that was made", missing, f"`trax edits {transcript.id}` lists them")
    segments = transcript.segments
    for number in sorted(wanted, reverse=True):
        before = tuple(_without(segment, edits[number - 1]) for segment in segments)
        if before == segments:
            raise InvalidOption(
                f"edit {number} cannot be undone alone: its words were changed again since"
            )
        segments = before
    kept = tuple(edit for number, edit in enumerate(edits, start=1) if number not in wanted)
    enhancement = replace(transcript.enhancement, edits=kept) if transcript.enhancement else None
    return replace(transcript, segments=segments, enhancement=enhancement)


def with_names(transcript: Transcript, names: Mapping[str, str]) -> Transcript:
    """The transcript with names of speakers, by label; others keep theirs."""
    speakers = tuple(
        replace(each, name=names.get(each.label, each.name)) for each in transcript.speakers
    )
    return replace(transcript, speakers=speakers)


def _without(segment: Segment, edit: Edit) -> Segment:
    at = [
        index
        for index, word in enumerate(segment.words)
        if word.start >= edit.start - _NEAR and word.end <= edit.end + _NEAR
    ]
    words = segment.words[at[0] : at[-1] + 1] if at else ()
    if edit.kind is EditKind.SPEAKER or joined_text(words) != edit.after:
        return segment
    return replace(
        segment,
        words=(
            *segment.words[: at[0]],
            *_former(words, edit.before.split()),
            *segment.words[at[-1] + 1 :],
        ),
    )


def _former(words: tuple[Word, ...], texts: list[str]) -> list[Word]:
    if len(words) == len(texts):
        return [replace(word, text=text) for word, text in zip(words, texts, strict=True)]
    start, end = words[0].start, max(word.end for word in words)
    total, done, former = sum(map(len, texts)), 0, []
    for text in texts:
        first, past = (start + (end - start) * share / total for share in (done, done + len(text)))
        former.append(
            replace(
                words[0],
                start=min(max(start, first), end),
                end=min(max(first, past), end),
                text=text,
            )
        )
        done += len(text)
    return former
