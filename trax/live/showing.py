"""Captions as text, lines and subtitles."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from trax.export.subtitles import VTT_HEAD, vtt_cues
from trax.live.captions import Captions
from trax.transcript import Segment, Word, joined_text

_PAUSE = 1.5  # seconds without a word that end a line


def lines_of(captions: Captions, words: Iterable[Word]) -> list[Segment]:
    """Words as people left them, a segment for each time that somebody speaks."""
    found: list[Segment] = []
    for speaker, some in groupby(words, key=lambda word: word.speaker):
        for run in _runs(list(some)):
            texts = [replace(word, text=captions.text_of(word)) for word in run]
            kept = tuple(word for word in texts if word.text)
            if kept:
                end = max(word.end for word in kept)
                found.append(Segment(kept[0].start, end, kept, speaker))
    return found


def as_text(captions: Captions) -> str:
    """All that is certain, a line for each time that somebody speaks."""
    lines = []
    for segment in lines_of(captions, captions.words.values()):
        name = captions.name_of(segment.speaker)
        text = joined_text(segment.words)
        lines.append(f"{name}: {text}\n" if name else f"{text}\n")
    return "".join(lines)


def as_vtt(captions: Captions, words: Sequence[Word] | None = None) -> bytes:
    """All that is certain, or *words* of it, as WebVTT."""
    chosen = list(captions.words.values()) if words is None else words
    cues = vtt_cues(lines_of(captions, chosen), captions.name_of)
    return VTT_HEAD + cues if words is None else cues


def _runs(words: list[Word]) -> list[list[Word]]:
    """Words without a pause between them."""
    runs = [[words[0]]]
    for word in words[1:]:
        if word.start - runs[-1][-1].end > _PAUSE:
            runs.append([])
        runs[-1].append(word)
    return runs
