"""Texts as other programs write them: encodings of Windows editors, and subtitles."""

import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",  # begins as that of UTF-16 does
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CLOCK = r"(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:[.,]\d{1,3})?)"
_TIMES = re.compile(rf"\s*{_CLOCK}\s*-->\s*{_CLOCK}")
_TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^<>]*)>")


@dataclass(frozen=True, slots=True)
class TimedText:
    """A cue of a subtitle file.

    Attributes:
        start: seconds.
        end: seconds.
        markup: its lines, tags included.
    """

    start: float
    end: float
    markup: str

    @property
    def text(self) -> str:
        """What is to be read, in one line."""
        return _plain(self.markup)


def decoded(data: bytes) -> str:
    """*data* as text: UTF-8, or what its byte order mark says; no mark is part of the text.

    Raises:
        UnicodeDecodeError: it is something else.
    """
    text = data.decode(_encoding(data))
    return text.replace("\ufeff", "")


def _encoding(data: bytes) -> str:
    """What the mark at the beginning says; a mark alone is no text."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark) and len(data) > len(mark):
            return encoding
    return "utf-8"


def read_cues(text: str) -> list[TimedText]:
    """The cues of SubRip or WebVTT, in their order.

    Raises:
        ValueError: there is none.
    """
    found: list[TimedText] = []
    for block in re.split(r"\n\s*\n", "\n".join(text.splitlines())):
        found.extend(_cue(block.splitlines()))
    if not found:
        raise ValueError("no cue has times")
    return found


def voices(cue: TimedText) -> Iterator[tuple[str, str]]:
    """What each voice of a WebVTT cue says; the name is empty where none is given."""
    name = ""
    for at, part in enumerate(_VOICE.split(cue.markup)):
        if at % 2:
            name = html.unescape(part).strip()
        elif said := html.unescape(_plain(part)):
            yield name, said


def _cue(lines: list[str]) -> Iterator[TimedText]:
    """The cue in a block of lines: a number or a name, times, text. Notes and styles have none."""
    for at, line in enumerate(lines):
        times = _TIMES.match(line)
        if times:
            start, end = _seconds(*times.groups()[:3]), _seconds(*times.groups()[3:])
            yield TimedText(start, end, "\n".join(lines[at + 1 :]))
            return


def _plain(markup: str) -> str:
    return " ".join(_TAG.sub("", markup).split())


def _seconds(hours: str | None, minutes: str, seconds: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))
