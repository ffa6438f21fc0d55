"""Random transcripts, and random changes of them."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import assume
from hypothesis import strategies as st

from trax.errors import InputError
from trax.merge import attribute, tally
from trax.revision import (
    AddSpeaker,
    Delete,
    Insert,
    Join,
    Operation,
    Piece,
    Rename,
    Replace,
    Restore,
    Silence,
    Split,
    Together,
    apply,
    relabelled,
)
from trax.testing import transcript
from trax.transcript import (
    Diarization,
    Notes,
    Reason,
    Recognition,
    Removed,
    Segment,
    Span,
    Speaker,
    Transcript,
    Turn,
    Word,
    identified,
)

LABELS = ("SPEAKER_00", "SPEAKER_01")
texts = st.sampled_from(["red", "Green,", "blue.", "white", "—"])
moments = st.sampled_from([0.0, 0.1, 0.25, 0.6])


@st.composite
def word_lists(draw, start: float, most: int = 5) -> list[Word]:
    found = []
    for text in draw(st.lists(texts, min_size=1, max_size=most)):
        begin = round(start + draw(moments), 3)
        start = round(begin + draw(moments), 3)
        found.append(Word(begin, start, text, draw(st.none() | st.just(0.5))))
    return found


@st.composite
def transcripts(draw) -> Transcript:
    """Two people, words in order of time, removed texts, a translation."""
    segments, removed, at = [], [], 0.0
    for _ in range(draw(st.integers(1, 4))):
        words = draw(word_lists(at))
        at = words[-1].end
        segments.append(Segment(words[0].start, at, tuple(words), temperature=draw(moments)))
        if draw(st.booleans()):
            gone = draw(word_lists(at, 2))
            removed.append(Removed(reason=Reason.ECHO, words=tuple(gone)))
    edges = sorted(draw(st.lists(st.integers(0, 12), max_size=6, unique=True)))
    turns = tuple(Turn(a / 2, b / 2, draw(st.sampled_from(LABELS))) for a, b in pairwise(edges))
    spoken = Recognition(
        language="en", language_confidence=1.0, segments=tuple(segments), engine="r"
    )
    heard = Diarization(turns=turns, exclusive_turns=turns, embeddings={}, engine="d")
    attributed = attribute(spoken, heard)
    translation = tuple(f"text {number}" for number in range(len(attributed)))
    notes = Notes(model="m", translations={"de": translation})
    return identified(
        replace(
            transcript(),
            segments=attributed,
            turns=turns,
            exclusive_turns=turns,
            speakers=tally(turns),
            removed=tuple(removed),
            notes=draw(st.none() | st.just(notes)),
        )
    )


@st.composite
def operations(draw, document: Transcript) -> Operation:
    """Any one operation on a document; it need not apply."""
    ids = [word.id for word in document.words]
    labels = [speaker.label for speaker in document.speakers]
    word = st.sampled_from(ids)
    kinds = ["replace", "insert", "segment", "delete", "relabel", "split", "join", "add", "both"]
    kinds += ["silence", *["rename"] * bool(labels), *["restore"] * bool(document.removed)]
    kind = draw(st.sampled_from(kinds))
    if kind == "replace":
        return Replace(word=draw(word), text=draw(texts))
    if kind in ("insert", "segment"):
        return draw(inserts(document, own=kind == "segment"))
    if kind == "delete":
        segment = draw(st.sampled_from(document.segments))
        first = draw(st.integers(0, len(segment.words) - 1))
        past = draw(st.integers(first + 1, len(segment.words)))
        gone = tuple(each.id for each in segment.words[first:past])
        return Delete(words=gone, silenced=draw(st.booleans()))
    if kind == "relabel":
        chosen = draw(st.lists(word, min_size=1, max_size=4, unique=True))
        return relabelled(chosen, draw(st.sampled_from([None, *labels])))
    if kind == "silence":
        start = draw(moments)
        return Silence(spans=(Span(start, start + draw(moments)),))
    if kind == "split":
        return Split(before=draw(word))
    if kind == "join":
        return Join(word=draw(word))
    if kind == "add":
        return AddSpeaker(speaker=Speaker(label="SPEAKER_09", speech=0.0, name="Eve"))
    if kind == "rename":
        return Rename(speaker=draw(st.sampled_from(labels)), name=draw(st.none() | texts))
    if kind == "restore":
        return Restore(word=draw(st.sampled_from(document.removed)).words[0].id)
    first = draw(operations(document))
    return Together(operations=(first, Replace(word=draw(word), text=draw(texts))))


@st.composite
def inserts(draw, document: Transcript, own: bool) -> Insert:
    segment = draw(st.sampled_from(document.segments))
    at = draw(st.integers(0, len(segment.words) - 1))
    anchor = segment.words[at]
    name = f"new-{draw(st.integers(0, 10**9))}"
    new = Word(anchor.end, anchor.end + draw(moments), draw(texts), id=name)
    frame = Piece(segment=Segment(new.start, new.end, (), segment.speaker)) if own else None
    if draw(st.booleans()):
        return Insert(words=(new,), after=anchor.id, frame=frame)
    moved = replace(new, start=anchor.start, end=anchor.start)
    return Insert(words=(moved,), before=anchor.id, frame=None)


def applicable(document: Transcript, operation: Operation) -> Transcript:
    try:
        return apply(document, operation)
    except InputError:
        assume(False)
        raise
