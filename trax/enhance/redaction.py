"""A transcript without personal data."""

import json
from collections.abc import Sequence
from dataclasses import replace

from trax.enhance.privacy import KINDS, PLACEHOLDERS, Mask, words_at
from trax.errors import InvalidOption
from trax.transcript import Segment, Span, Transcript, joined_text

_QUOTED = (
    ("recognition", "hotwords"),
    ("recognition", "prompt"),
    ("diarization", "names"),
    ("enhancement", "glossary"),
)
"""Options that people fill with names."""


def redacted(
    transcript: Transcript, kinds: Sequence[str], spacy_model: str = ""
) -> tuple[Transcript, list[Span]]:
    """The transcript without personal data of *kinds*, and when it is said.

    Words become ``[NAME]``, ``[NUMBER]``, ``[ADDRESS]`` or ``[EMAIL]``; all else that quotes them
    is left out: what was removed, edits, notes, the speakers' names, the name of the recording.

    Raises:
        InvalidOption: there is no such kind.
        MissingPart: Presidio is not installed.
    """
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise InvalidOption(f"{unknown[0]!r} cannot be hidden; what can is {', '.join(KINDS)}")
    mask = Mask(
        [transcript.display_name(each.label) for each in transcript.speakers], kinds, spacy_model
    )
    mask.learn(" ".join(segment.text for segment in transcript.segments))
    spans: list[Span] = []
    segments = []
    for segment in transcript.segments:
        redacted, said = _segment(segment, mask)
        segments.append(redacted)
        spans += said
    options = json.loads(transcript.provenance.options)
    for part, field in _QUOTED:
        if isinstance(options.get(part), dict):
            options[part].pop(field, None)
    domain = transcript.provenance.domain
    return (
        replace(
            transcript,
            recording=replace(
                transcript.recording, name=f"recording {transcript.recording.sha256[:8]}"
            ),
            segments=tuple(segments),
            speakers=tuple(replace(each, name=None, voice=None) for each in transcript.speakers),
            provenance=replace(
                transcript.provenance,
                options=json.dumps(options, sort_keys=True),
                domain=replace(domain, terms=()) if domain else None,
            ),
            removed=(),
            vocabulary=None,
            enhancement=None,
            notes=None,
        ),
        spans,
    )


def _segment(segment: Segment, mask: Mask) -> tuple[Segment, list[Span]]:
    words = list(segment.words)
    starts = [len(joined_text(words[: at + 1])) - len(word.text) for at, word in enumerate(words)]
    spans = []
    for touched, kind in words_at(words, mask.find(joined_text(words)), starts):
        first, last = words[touched.start], words[touched.stop - 1]
        spans.append(Span(first.start, max(first.start, last.end)))
        mark = last.text[len(last.text.rstrip(".,;:!?…")) :]
        hidden = replace(
            first, end=max(first.start, last.end), text=f"[{PLACEHOLDERS[kind]}]{mark}"
        )
        words[touched.start : touched.stop] = [
            hidden,
            *(replace(word, text="") for word in words[touched.start + 1 : touched.stop]),
        ]
    return replace(segment, words=tuple(word for word in words if word.text)), spans


def joined_spans(spans: Sequence[Span], margin: float) -> list[Span]:
    """Spans with a *margin* in seconds on both sides, those that then touch as one, by start."""
    wide = [Span(max(0.0, span.start - margin), span.end + margin) for span in spans]
    joined: list[Span] = []
    for span in sorted(wide, key=lambda span: (span.start, span.end)):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined
