"""SubRip and WebVTT, written by hand.

A library that knows ASS too takes a backslash and an n in what was said for a line break.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from trax.export.cues import Cue, cues, parts
from trax.transcript import Segment, Transcript, Word

VTT_HEAD = b"WEBVTT\n\n"

_VTT_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")  # some readers end lines there


def to_srt(transcript: Transcript) -> bytes:
    """SubRip. With several speakers, a name in brackets stands where the speaker changes."""
    segments: Sequence[Segment] = transcript.segments
    if len(transcript.speakers) > 1:
        segments = _with_names(transcript)
    return _written("", ",", [(cue, _text(cue)) for cue in cues(segments)])


def to_vtt(transcript: Transcript) -> bytes:
    """WebVTT (W3C) with a voice tag on every cue whose speaker is known."""
    return VTT_HEAD + vtt_cues(transcript.segments, transcript.display_name)


def vtt_cues(segments: Sequence[Segment], name_of: Callable[[str | None], str]) -> bytes:
    """WebVTT's cues without its head; *name_of* tells how people know a speaker."""
    return _written("", ".", [(cue, _vtt_text(cue, name_of)) for cue in cues(segments)])


def _vtt_text(cue: Cue, name_of: Callable[[str | None], str]) -> str:
    text = _text(cue).translate(_VTT_ESCAPES)
    if cue.speaker is None:
        return text
    name = _CONTROLS.sub(" ", name_of(cue.speaker)).translate(_VTT_ESCAPES)
    return f"<v {name}>{text}</v>"


def _text(cue: Cue) -> str:
    lines = [_CONTROLS.sub(" ", line).strip() for line in cue.lines]
    return "\n".join(line for line in lines if line)


def _with_names(transcript: Transcript) -> list[Segment]:
    """The segments with the speaker's name as first word where the speaker changes.

    As words, names are counted when lines are laid out.
    """
    segments = []
    speaker: str | None = ""
    for segment in _by_turns(transcript.segments):
        if segment.words and segment.speaker != speaker:
            speaker = segment.speaker
            segment = _with_name(segment, transcript.display_name(speaker))
        segments.append(segment)
    return segments


def _by_turns(segments: Sequence[Segment]) -> Sequence[Segment]:
    """The segments in order of time, cut into cues where somebody else speaks meanwhile."""
    found: list[Segment] = []
    for at, segment in enumerate(segments):
        found.extend(parts(segment) if _is_interrupted(segments, at) else [segment])
    if len(found) > len(segments):
        found.sort(key=lambda segment: segment.start)
    return found


def _is_interrupted(segments: Sequence[Segment], at: int) -> bool:
    segment = segments[at]
    for later in range(at + 1, len(segments)):
        if segments[later].start >= segment.end:
            return False
        if segments[later].speaker != segment.speaker:
            return True
    return False


def _with_name(segment: Segment, name: str) -> Segment:
    start = segment.words[0].start
    label = Word(start, start, f"[{name}]", speaker=segment.speaker)
    first, *rest = segment.words
    return replace(segment, words=(label, replace(first, joined=False), *rest))


def _written(head: str, point: str, texts: Iterable[tuple[Cue, str]]) -> bytes:
    """A numbered block for each cue that has a text; *point* stands before the milliseconds."""
    blocks: list[str] = []
    for cue, text in texts:
        if text:
            start_ms = round(cue.start * 1000)
            end_ms = max(round(cue.end * 1000), start_ms + 1)
            times = f"{_clock(start_ms, point)} --> {_clock(end_ms, point)}"
            blocks.append(f"{len(blocks) + 1}\n{times}\n{text}\n\n")
    return (head + "".join(blocks)).encode()


def _clock(ms: int, point: str) -> str:
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{point}{ms:03d}"
