"""A transcript in another language."""

from dataclasses import replace

from trax.errors import NotFound
from trax.transcript import Segment, Transcript, Word


def translated(transcript: Transcript, language: str) -> Transcript:
    """The transcript with the words of a translation, which share their segment's time by their
    letters.

    Segments that were not translated keep their words. The times of words are a guess; those of
    segments stay.

    Raises:
        NotFound: there is no translation to that language.
    """
    texts = transcript.notes.translations.get(language) if transcript.notes else None
    if texts is None:
        advice = f"`trax transcribe --translate {language}` makes one"
        raise NotFound("translation", language, advice)
    pairs = zip(transcript.segments, texts, strict=True)
    segments = tuple(_spread(segment, text) if text else segment for segment, text in pairs)
    return replace(
        transcript, language=language, segments=segments, expected_errors=None, paragraphs=()
    )


def _spread(segment: Segment, text: str) -> Segment:
    tokens = text.split()
    total, done, words = sum(map(len, tokens)), 0, []
    for token in tokens:
        start, end = (
            segment.start + segment.duration * share / total for share in (done, done + len(token))
        )
        end = min(max(start, end), segment.end)
        words.append(Word(min(start, end), end, token, speaker=segment.speaker))
        done += len(token)
    return replace(segment, words=tuple(words))
