"""Turns that sound like somebody to whom people gave others, and giving them to that person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from trax.diarization.resemblance import Resemblance, Stretch, resemblances
from trax.errors import InvalidOption, NotFound
from trax.revision import Operation, Relabel
from trax.revision.operations import SURE, relabelled
from trax.service.revisions import Edits, edit_by
from trax.stages.voices import Voices, voices_key
from trax.store import Revision
from trax.transcript import Segment, Transcript
from trax.transcript.codec import from_json
from trax.work.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A turn that sounds like somebody else's.

    Attributes:
        id: of its first word, by which it is named.
        words: ids.
        current: label of whoever has it.
        speaker: label of whoever it sounds like.
        margin: cosine by which it is more like them than like anybody else.
    """

    id: str
    start: float
    end: float
    words: tuple[str, ...]
    text: str
    current: str | None
    speaker: str
    margin: float


def suggestions(workspace: Workspace, document: Transcript) -> list[Suggestion]:
    """Turns of *document* that sound like somebody to whom people gave others, in order; none as
    long as people gave nobody enough.

    Raises:
        NotFound: it was made before single turns' voices were kept.
    """
    kept = workspace.objects.read(voices_key(document.id))
    samples = from_json(Voices, kept, "voices").samples if kept else ()
    if not samples:
        advice = "transcribe the recording again: voices of single turns are not kept"
        raise NotFound("voice", document.id, advice)
    segments = [segment for segment in document.segments if segment.words]
    stretches = [_stretch(segment) for segment in segments]
    return [_suggestion(segments, each) for each in resemblances(stretches, samples)]


def accept(
    workspace: Workspace,
    edits: Edits,
    reference: str,
    chosen: Collection[str] = (),
    speaker: str | None = None,
) -> Revision:
    """Give turns to those whom they sound like, as one change.

    Args:
        chosen: ids of suggestions; none is all.
        speaker: only what sounds like the speaker labelled so.

    Raises:
        NotFound: there is no such transcript, suggestion, or voices are not kept.
        InvalidOption: nothing is suggested.
        Conflict: the transcript was changed meanwhile.
    """

    def relabels(document: Transcript) -> list[Operation]:
        found = suggestions(workspace, document)
        if speaker is not None:
            found = [each for each in found if each.speaker == speaker]
        if not found:
            raise InvalidOption("no turn is suggested")
        each_one = [relabelled(each.words, each.speaker) for each in _chosen(found, chosen)]
        # As one: each operation takes as long as the transcript is.
        return [Relabel(labels=tuple(label for part in each_one for label in part.labels))]

    return edit_by(edits, reference, relabels)


def _chosen(found: Sequence[Suggestion], chosen: Collection[str]) -> list[Suggestion]:
    unknown = set(chosen) - {each.id for each in found}
    if unknown:
        raise NotFound("suggestion", min(unknown), "ask for them again: the transcript was changed")
    return [each for each in found if not chosen or each.id in chosen]


def _stretch(segment: Segment) -> Stretch:
    return Stretch(segment, segment.speaker, _is_given(segment))


def _is_given(segment: Segment) -> bool:
    """Whether a person said whose most of its words are: machines are never that sure."""
    sure = sum(word.speaker_confidence == SURE for word in segment.words)
    return 2 * sure > len(segment.words)


def _suggestion(segments: Sequence[Segment], found: Resemblance) -> Suggestion:
    segment = segments[found.at]
    return Suggestion(
        id=segment.words[0].id,
        start=segment.start,
        end=segment.end,
        words=tuple(word.id for word in segment.words),
        text=segment.text,
        current=segment.speaker,
        speaker=found.speaker,
        margin=found.margin,
    )
