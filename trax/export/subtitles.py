"""SubRip and WebVTT."""

from dataclasses import replace

from pysubs2 import SSAEvent, SSAFile

from trax.export.cues import Cue, cues
from trax.transcript import Segment, Transcript, Word

_VTT_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def to_srt(transcript: Transcript) -> bytes:
    """SubRip. Where there are several speakers, a name in brackets stands wherever the speaker
    changes.
    """
    segments = _named(transcript) if len(transcript.speakers) > 1 else transcript.segments
    return _written([_event(cue, "\n".join(cue.lines)) for cue in cues(segments)], "srt")


def to_vtt(transcript: Transcript) -> bytes:
    """WebVTT (W3C) with a voice tag on every cue whose speaker is known."""
    events = []
    for cue in cues(transcript.segments):
        text = "\n".join(cue.lines).translate(_VTT_ESCAPES)
        if cue.speaker is not None:
            name = transcript.display_name(cue.speaker).translate(_VTT_ESCAPES)
            text = f"<v {name}>{text}</v>"
        events.append(_event(cue, text))
    return _written(events, "vtt")


def _named(transcript: Transcript) -> list[Segment]:
    """The segments with the speaker's name as a first word where it changes, so that lines are laid
    out with it.
    """
    segments = []
    before: str | None = ""
    for segment in transcript.segments:
        if segment.words and segment.speaker != before:
            start = segment.words[0].start
            name = Word(start, start, f"[{transcript.display_name(segment.speaker)}]")
            segments.append(replace(segment, words=(name, *segment.words)))
            before = segment.speaker
        else:
            segments.append(segment)
    return segments


def _event(cue: Cue, text: str) -> SSAEvent:
    start, end = round(cue.start * 1000), round(cue.end * 1000)
    event = SSAEvent(start=start, end=max(end, start + 1))
    event.text = text.replace("\n", r"\N")
    return event


def _written(events: list[SSAEvent], format_name: str) -> bytes:
    file = SSAFile()
    file.events = events
    return file.to_string(format_name, keep_ssa_tags=True).encode()
