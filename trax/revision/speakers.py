"""Words given to other speakers, and speakers named, added and removed."""

from collections.abc import Mapping
from dataclasses import replace

from trax.errors import InvalidOption, NotFound
from trax.merge import split_by_speaker
from trax.revision.operations import (
    AddSpeaker,
    Join,
    Label,
    Operation,
    Piece,
    Relabel,
    RemoveSpeaker,
    Rename,
    Together,
    relabelled,
)
from trax.revision.places import no_word, piece_of, spliced, tallied
from trax.transcript import Transcript, Word


def words_relabelled(transcript: Transcript, operation: Relabel) -> Transcript:
    """The transcript with words at other speakers.

    Raises:
        NotFound: there is no such word or speaker.
        InvalidOption: no word is named.
    """
    labels = _labels(transcript, operation)
    for number in reversed(_touched(transcript, labels)):
        piece = piece_of(transcript, number)
        pieces = _cut(piece, labels)
        transcript = spliced(transcript, range(number, number + 1), pieces)
    return transcript


def relabel_undoing(transcript: Transcript, operation: Relabel) -> Operation:
    """What gives the words back, and joins what was cut."""
    labels = _labels(transcript, operation)
    spoken = [word for word in transcript.words if word.id in labels]
    back = Relabel(labels=tuple(map(_label_of, spoken)))
    joins: list[Operation] = []
    for number in _touched(transcript, labels):
        piece = piece_of(transcript, number)
        cuts = [each.segment.words[0].id for each in _cut(piece, labels)[1:]]
        joins += [Join(word=word, frame=piece.frame) for word in cuts]
    return Together(operations=(back, *joins)) if joins else back


def speaker_renamed(transcript: Transcript, operation: Rename) -> Transcript:
    """The transcript with another display name for a speaker.

    Raises:
        NotFound: there is no such speaker.
        InvalidOption: the name is empty.
    """
    if operation.name is not None and not operation.name.strip():
        raise InvalidOption("a speaker's name is not empty")
    at = _speaker_at(transcript, operation.speaker)
    speakers = list(transcript.speakers)
    speakers[at] = replace(speakers[at], name=operation.name)
    return replace(transcript, speakers=tuple(speakers))


def rename_undoing(transcript: Transcript, operation: Rename) -> Operation:
    """What gives the speaker the name of before."""
    at = _speaker_at(transcript, operation.speaker)
    return Rename(speaker=operation.speaker, name=transcript.speakers[at].name)


def speaker_added(transcript: Transcript, operation: AddSpeaker) -> Transcript:
    """The transcript with one more speaker.

    Raises:
        InvalidOption: the label is empty or another speaker's, or there is no such place.
    """
    label = operation.speaker.label
    if not label or any(each.label == label for each in transcript.speakers):
        raise InvalidOption(f"a new speaker needs a label of their own, not {label!r}")
    speakers = list(transcript.speakers)
    at = len(speakers) if operation.at is None else operation.at
    if not 0 <= at <= len(speakers):
        raise InvalidOption(f"there is no place {at} among the speakers")
    speakers.insert(at, operation.speaker)
    return tallied(replace(transcript, speakers=tuple(speakers)))


def speaker_removed(transcript: Transcript, operation: RemoveSpeaker) -> Transcript:
    """The transcript without a speaker.

    Raises:
        NotFound: there is no such speaker.
        InvalidOption: they have words or turns.
    """
    label = operation.speaker
    at = _speaker_at(transcript, label)
    speaking = {word.speaker for word in transcript.words}
    speaking |= {turn.speaker for turn in transcript.turns}
    if label in speaking:
        raise InvalidOption(f"speaker {label!r} has words or turns and stays")
    speakers = (*transcript.speakers[:at], *transcript.speakers[at + 1 :])
    return replace(transcript, speakers=speakers)


def remove_speaker_undoing(transcript: Transcript, operation: RemoveSpeaker) -> Operation:
    """What adds the speaker again."""
    at = _speaker_at(transcript, operation.speaker)
    return AddSpeaker(speaker=transcript.speakers[at], at=at)


def speaker_merged(transcript: Transcript, speaker: str, into: str) -> Operation:
    """What gives everything that *speaker* says to *into*. Whoever has turns stays, without words.

    Raises:
        NotFound: there is no such speaker.
        InvalidOption: both are the same, or there is nothing to give.
    """
    if speaker == into:
        raise InvalidOption("a speaker is merged into another one")
    _speaker_at(transcript, speaker)
    _speaker_at(transcript, into)
    words = [word.id for word in transcript.words if word.speaker == speaker]
    parts: list[Operation] = [relabelled(words, into)] if words else []
    if all(turn.speaker != speaker for turn in transcript.turns):
        parts.append(RemoveSpeaker(speaker=speaker))
    if not parts:
        raise InvalidOption(f"speaker {speaker!r} says nothing")
    return Together(operations=tuple(parts))


def _labels(transcript: Transcript, operation: Relabel) -> dict[str, Label]:
    """What words are to have, by id."""
    if not operation.labels:
        raise InvalidOption("an operation needs at least one word")
    known = {word.id for word in transcript.words}
    for label in operation.labels:
        if label.word not in known:
            raise no_word(transcript, label.word)
        if label.speaker is not None:
            _speaker_at(transcript, label.speaker)
    return {label.word: label for label in operation.labels}


def _touched(transcript: Transcript, labels: Mapping[str, Label]) -> list[int]:
    """Numbers of the segments that hold these words."""
    found = []
    for number, segment in enumerate(transcript.segments):
        if any(word.id in labels for word in segment.words):
            found.append(number)
    return found


def _cut(piece: Piece, labels: Mapping[str, Label]) -> list[Piece]:
    """A piece with words at other speakers, cut; the translations stay with the first."""
    words = tuple(_labelled(word, labels.get(word.id)) for word in piece.segment.words)
    first, *others = split_by_speaker(replace(piece.segment, words=words))
    return [replace(piece, segment=first), *(Piece(segment=each) for each in others)]


def _labelled(word: Word, label: Label | None) -> Word:
    if label is None:
        return word
    return replace(
        word, speaker=label.speaker, doubts=label.doubts, speaker_confidence=label.confidence
    )


def _label_of(word: Word) -> Label:
    """What a word has now."""
    return Label(
        word=word.id,
        speaker=word.speaker,
        doubts=word.doubts,
        confidence=word.speaker_confidence,
    )


def _speaker_at(transcript: Transcript, label: str) -> int:
    for at, speaker in enumerate(transcript.speakers):
        if speaker.label == label:
            return at
    raise NotFound("speaker", label, f"transcript {transcript.id} has none with this label")
