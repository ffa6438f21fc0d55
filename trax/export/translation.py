"""A transcript in another language."""

from dataclasses import replace

from trax.errors import NotFound
from trax.transcript import Segment, Transcript, Word


def translation_of(transcript: Transcript, language: str) -> Transcript:
    """The transcript with the words of a translation in place of its own.

    The words of a translated segment share its time in proportion to their letters: their times are
    estimates, the segment's are not. Segments without a translation keep their words.

    Raises:
        NotFound: the transcript has no translation into that language.
    """
    translations = transcript.notes.translations if transcript.notes else {}
    if language not in translations:
        raise NotFound("translation", language, "translate the recording into that language first")
    segments = []
    for segment, text in zip(transcript.segments, translations[language], strict=True):
        segments.append(_with_text(segment, text) if text else segment)
    return replace(
        transcript,
        language=language,
        segments=tuple(segments),
        expected_errors=None,
        paragraphs=(),
    )


def _with_text(segment: Segment, text: str) -> Segment:
    tokens = text.split()
    total = sum(len(token) for token in tokens)
    words = []
    done = 0
    for token in tokens:
        start = segment.start + segment.duration * done / total
        done += len(token)
        end = segment.start + segment.duration * done / total
        end = min(max(start, end), segment.end)
        start = min(start, end)
        words.append(Word(start, end, token, speaker=segment.speaker))
    return replace(segment, words=tuple(words))
