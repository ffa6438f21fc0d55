"""Operations applied to transcripts, and what undoes them."""

from typing import assert_never

from trax.revision import removed, segments, silences, speakers, words
from trax.revision.operations import (
    AddSpeaker,
    Delete,
    Insert,
    Join,
    Operation,
    Relabel,
    RemoveSpeaker,
    Rename,
    Replace,
    Restore,
    Silence,
    Split,
    Together,
    Unsilence,
    Withdraw,
)
from trax.transcript import Transcript


def apply(transcript: Transcript, operation: Operation) -> Transcript:
    """The transcript after one operation.

    What was measured of the machine's version stays: turns, expected errors, the hotwords that were
    heard. Starts of paragraphs stay too, so a paragraph begins again where its first word comes
    back.

    Raises:
        NotFound: a word, speaker or removed text that it names is not there.
        InvalidOption: it would leave a word without text, or words out of order.
    """
    match operation:
        case Replace():
            return words.word_replaced(transcript, operation)
        case Insert():
            return words.words_inserted(transcript, operation)
        case Delete():
            return silences.deleted(transcript, operation)
        case Silence():
            return silences.silenced(transcript, operation)
        case Unsilence():
            return silences.unsilenced(transcript, operation)
        case Relabel():
            return speakers.words_relabelled(transcript, operation)
        case Rename():
            return speakers.speaker_renamed(transcript, operation)
        case AddSpeaker():
            return speakers.speaker_added(transcript, operation)
        case RemoveSpeaker():
            return speakers.speaker_removed(transcript, operation)
        case Split():
            return segments.segment_split(transcript, operation)
        case Join():
            return segments.segments_joined(transcript, operation)
        case Restore():
            return removed.text_restored(transcript, operation)
        case Withdraw():
            return removed.text_withdrawn(transcript, operation)
        case Together():
            for each in operation.operations:
                transcript = apply(transcript, each)
            return transcript
        case _:
            assert_never(operation)


def inverse(transcript: Transcript, operation: Operation) -> Operation:
    """The operation that undoes *operation*, which is about to be applied to *transcript*.

    Raises:
        NotFound, InvalidOption: as `apply` does.
    """
    match operation:
        case Replace():
            return words.replace_undoing(transcript, operation)
        case Insert():
            return words.insert_undoing(transcript, operation)
        case Delete():
            return silences.deleted_undoing(transcript, operation)
        case Silence():
            return Unsilence(spans=operation.spans)
        case Unsilence():
            return Silence(spans=operation.spans)
        case Relabel():
            return speakers.relabel_undoing(transcript, operation)
        case Rename():
            return speakers.rename_undoing(transcript, operation)
        case AddSpeaker():
            return RemoveSpeaker(speaker=operation.speaker.label)
        case RemoveSpeaker():
            return speakers.remove_speaker_undoing(transcript, operation)
        case Split():
            return segments.split_undoing(transcript, operation)
        case Join():
            return segments.join_undoing(transcript, operation)
        case Restore():
            return removed.restore_undoing(transcript, operation)
        case Withdraw():
            return removed.withdraw_undoing(transcript, operation)
        case Together():
            return _together_undoing(transcript, operation)
        case _:
            assert_never(operation)


def _together_undoing(transcript: Transcript, operation: Together) -> Operation:
    back: list[Operation] = []
    for each in operation.operations:
        back.append(inverse(transcript, each))
        transcript = apply(transcript, each)
    return Together(operations=tuple(reversed(back)))
