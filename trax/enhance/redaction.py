"""A transcript without personal data."""

import json
from collections.abc import Sequence
from dataclasses import replace

from trax.enhance.patterns import Personal
from trax.enhance.privacy import KINDS, PLACEHOLDERS, Mask
from trax.errors import InvalidOption
from trax.transcript import Provenance, Segment, Span, Transcript, Word, joined_text

_OPTIONS_WITH_NAMES = (
    ("recognition", "hotwords"),
    ("recognition", "prompt"),
    ("diarization", "names"),
    ("enhancement", "glossary"),
)
"""Options that people fill with names."""

_TRAILING_MARKS = ".,;:!?…"


def redacted(
    transcript: Transcript, kinds: Sequence[str], spacy_model: str = ""
) -> tuple[Transcript, list[Span]]:
    """The transcript without personal data of *kinds*, and when it is said.

    Words become ``[NAME]``, ``[NUMBER]``, ``[ADDRESS]`` or ``[EMAIL]``. Everything else that quotes
    them is left out: other readings, what was removed, edits, notes, the speakers' names, the
    recording's name.

    Raises:
        InvalidOption: one of *kinds* does not exist.
        MissingPart: Presidio is not installed.
    """
    mask = mask_of(transcript, kinds, spacy_model)
    segments = []
    spans: list[Span] = []
    for segment in transcript.segments:
        public, found = _redacted_segment(segment, mask)
        segments.append(public)
        spans += found
    name = f"recording {transcript.recording.sha256[:8]}"
    anonymous = [replace(speaker, name=None, voice=None) for speaker in transcript.speakers]
    public_transcript = replace(
        transcript,
        recording=replace(transcript.recording, name=name),
        segments=tuple(segments),
        speakers=tuple(anonymous),
        provenance=_redacted_provenance(transcript.provenance),
        removed=(),
        vocabulary=None,
        enhancement=None,
        notes=None,
    )
    return public_transcript, spans


def mask_of(transcript: Transcript, kinds: Sequence[str], spacy_model: str = "") -> Mask:
    """A mask that knows every name in the transcript.

    Raises:
        InvalidOption: one of *kinds* does not exist.
    """
    _check_kinds(kinds)
    names = [transcript.display_name(speaker.label) for speaker in transcript.speakers]
    mask = Mask(names, kinds, spacy_model)
    mask.learn(" ".join(segment.text for segment in transcript.segments))
    return mask


def joined_spans(spans: Sequence[Span], margin: float) -> list[Span]:
    """The spans by start with a *margin* in seconds on both sides; those that touch are joined."""
    wide = [Span(max(0.0, span.start - margin), span.end + margin) for span in spans]
    wide.sort(key=lambda span: (span.start, span.end))
    joined: list[Span] = []
    for span in wide:
        if joined and span.start <= joined[-1].end:
            last = joined.pop()
            span = Span(last.start, max(last.end, span.end))
        joined.append(span)
    return joined


def _check_kinds(kinds: Sequence[str]) -> None:
    for kind in kinds:
        if kind not in KINDS:
            raise InvalidOption(f"{kind!r} cannot be hidden; what can is {', '.join(KINDS)}")


def _redacted_provenance(provenance: Provenance) -> Provenance:
    options = json.loads(provenance.options)
    for part, field in _OPTIONS_WITH_NAMES:
        if isinstance(options.get(part), dict):
            options[part].pop(field, None)
    domain = provenance.domain
    if domain is not None:
        domain = replace(domain, terms=())
    return replace(provenance, options=json.dumps(options, sort_keys=True), domain=domain)


def _redacted_segment(segment: Segment, mask: Mask) -> tuple[Segment, list[Span]]:
    words = [replace(word, alternatives=()) for word in segment.words]
    starts = _starts(words)
    spans = []
    for piece in mask.find(joined_text(words)):
        touched = _touched(segment.words, starts, piece)
        if touched:
            hidden = _placeholder(words[touched[0]], words[touched[-1]], piece.kind)
            spans.append(Span(hidden.start, hidden.end))
            _replace_all(words, touched, hidden)
    kept = [word for word in words if word.text]
    return replace(segment, words=tuple(kept)), spans


def _starts(words: Sequence[Word]) -> list[int]:
    """Where each word begins in the text of all."""
    starts = []
    for index, word in enumerate(words):
        text_so_far = joined_text(words[: index + 1])
        starts.append(len(text_so_far) - len(word.text))
    return starts


def _touched(
    words: Sequence[Word],
    starts: Sequence[int],
    piece: Personal,
) -> list[int]:
    """Indices of the words that personal data touches."""
    touched = []
    for index, (word, start) in enumerate(zip(words, starts, strict=True)):
        if start < piece.end and piece.start < start + len(word.text):
            touched.append(index)
    return touched


def _placeholder(first: Word, last: Word, kind: str) -> Word:
    """A placeholder for several words, with the punctuation after the last one."""
    bare = last.text.rstrip(_TRAILING_MARKS)
    marks = last.text[len(bare) :]
    end = max(first.start, last.end)
    return replace(first, end=end, text=f"[{PLACEHOLDERS[kind]}]{marks}")


def _replace_all(
    words: list[Word],
    touched: Sequence[int],
    hidden: Word,
) -> None:
    """Put one word in place of several; the places of the others stay, empty."""
    first = touched[0]
    past = touched[-1] + 1
    empty = [replace(word, text="") for word in words[first + 1 : past]]
    words[first:past] = [hidden, *empty]
