"""SubRip and WebVTT."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from trax.export.cues import Cue, cues
from trax.transcript import Segment, Transcript, Word

if TYPE_CHECKING:  # pysubs2 is only imported to write subtitles
    from pysubs2 import SSAEvent

_VTT_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def to_srt(transcript: Transcript) -> bytes:
    """SubRip. With several speakers, a name in brackets stands where the speaker changes."""
    segments: Sequence[Segment] = transcript.segments
    if len(transcript.speakers) > 1:
        segments = _with_names(transcript)
    events = []
    for cue in cues(segments):
        text = "\n".join(cue.lines)
        events.append(_event(cue, text))
    return _written(events, "srt")


def to_vtt(transcript: Transcript) -> bytes:
    """WebVTT (W3C) with a voice tag on every cue whose speaker is known."""
    events = []
    for cue in cues(transcript.segments):
        text = _vtt_text(cue, transcript)
        events.append(_event(cue, text))
    return _written(events, "vtt")


def _vtt_text(cue: Cue, transcript: Transcript) -> str:
    text = "\n".join(cue.lines).translate(_VTT_ESCAPES)
    if cue.speaker is None:
        return text
    name = transcript.display_name(cue.speaker).translate(_VTT_ESCAPES)
    return f"<v {name}>{text}</v>"


def _with_names(transcript: Transcript) -> list[Segment]:
    """The segments with the speaker's name as first word where the speaker changes.

    As words, names are counted when lines are laid out.
    """
    segments = []
    speaker: str | None = ""
    for segment in transcript.segments:
        if segment.words and segment.speaker != speaker:
            speaker = segment.speaker
            segment = _with_name(segment, transcript.display_name(speaker))
        segments.append(segment)
    return segments


def _with_name(segment: Segment, name: str) -> Segment:
    start = segment.words[0].start
    label = Word(start, start, f"[{name}]", speaker=segment.speaker)
    first, *rest = segment.words
    return replace(segment, words=(label, replace(first, joined=False), *rest))


def _event(cue: Cue, text: str) -> "SSAEvent":
    from pysubs2 import SSAEvent

    start_ms = round(cue.start * 1000)
    end_ms = max(round(cue.end * 1000), start_ms + 1)
    event = SSAEvent(start=start_ms, end=end_ms)
    event.text = text.replace("\n", r"\N")
    return event


def _written(events: "list[SSAEvent]", format_name: str) -> bytes:
    from pysubs2 import SSAFile

    file = SSAFile()
    file.events = events
    return file.to_string(format_name, keep_ssa_tags=True).encode()
