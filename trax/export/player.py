"""A page that shows a transcript and plays its recording, by itself: no service, no network."""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from itertools import chain
from pathlib import PurePath
from urllib.parse import quote

from trax.export.direction import runs_to_the_left
from trax.export.document import title_of
from trax.export.notes import sections
from trax.export.paragraphs import Paragraph, paragraphs
from trax.transcript import Transcript, Word, format_clock

_COLOURS = 8
_DOUBTS = ((0.35, "d3"), (0.5, "d2"), (0.6, "d1"))  # below which confidence, by which class
_BLOCK_BYTES = 3 << 16  # of three, as base64 has no padding within


def to_html(transcript: Transcript) -> bytes:
    """The page, which looks for the recording beside itself, and asks for it elsewhere."""
    before, after = _page(transcript)
    return (before + quote(PurePath(transcript.recording.name).name) + after).encode()


def with_sound(transcript: Transcript, sound: Iterable[bytes], media_type: str) -> Iterator[bytes]:
    """The page in parts, with the recording within.

    Args:
        sound: a file that browsers play, in parts.
    """
    before, after = _page(transcript)
    yield f"{before}data:{media_type};base64,".encode()
    for block in _blocks(sound):
        yield b64encode(block)
    yield after.encode()


def _blocks(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks whose sizes three divides, but for the last."""
    left = bytearray()
    for part in parts:
        left += part
        whole = len(left) // _BLOCK_BYTES * _BLOCK_BYTES
        if whole:
            yield bytes(left[:whole])
            del left[:whole]
    yield bytes(left)


def _page(transcript: Transcript) -> tuple[str, str]:
    """What comes before and after the address of the sound."""
    title = escape(title_of(transcript))
    said = list(paragraphs(transcript))
    before = [
        "<!doctype html>",
        f'<html lang="{escape(transcript.language or "en")}">',
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">',
        f"<title>{title}</title>",
        f"<style>{_asset('player.css')}</style>",
        f"<header><h1 dir=auto>{title}</h1><p>{_facts(transcript)}</p>",
        '<audio controls preload=metadata src="',
    ]
    after = [
        '"></audio>',
        "<label id=file hidden>The recording is not beside this page: "
        '<input type=file accept="audio/*,video/*"></label>',
        "<label><input type=checkbox id=doubts checked> Mark doubtful words</label></header>",
        *_notes(transcript),
        f"<main{_direction(transcript)}>",
        *_said(transcript, said),
        "</main>",
        f"<script type=application/json id=starts>{_starts(said)}</script>",
        f"<script>{_asset('player.js')}</script>",
        "",
    ]
    return "\n".join(before), "\n".join(after)


@cache
def _asset(name: str) -> str:
    return (files("trax.export") / name).read_text("utf-8").strip()


@cache
def _policy() -> str:
    """Nothing runs but the page's own script, and nothing is asked of others, whatever was said."""
    digests = {name: _digest(f"player.{name}") for name in ("css", "js")}
    return (
        f"default-src 'none'; style-src 'sha256-{digests['css']}'; "
        f"script-src 'sha256-{digests['js']}'; media-src 'self' data: blob: file:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(name: str) -> str:
    return b64encode(sha256(_asset(name).encode()).digest()).decode()


def _facts(transcript: Transcript) -> str:
    count = len(transcript.speakers)
    facts = [format_clock(transcript.recording.duration)]
    facts.append("1 speaker" if count == 1 else f"{count} speakers")
    if transcript.expected_errors is not None:
        facts.append(str(transcript.expected_errors))
    return escape(" · ".join(facts))


def _direction(transcript: Transcript) -> str:
    return " dir=rtl" if runs_to_the_left(transcript.text[:2000]) else ""


def _notes(transcript: Transcript) -> Iterator[str]:
    for heading, lines in sections(transcript.notes):
        yield f"<details><summary>{escape(heading)}</summary>"
        yield from (f"<p dir=auto>{escape(line)}</p>" for line in lines)
        yield "</details>"


def _said(transcript: Transcript, said: Iterable[Paragraph]) -> Iterator[str]:
    rows = {each.label: row for row, each in enumerate(transcript.speakers)}
    for part in said:
        colour = rows.get(part.speaker or "", 0) % _COLOURS
        time = f"<button data-start={_ms(part.start)}>{format_clock(part.start)}</button>"
        yield f"<section class=s{colour}><h2 dir=auto>{escape(part.name)} {time}</h2>"
        yield f"<p>{_text(part)}</p></section>"
    if not transcript.words:
        yield "<p>Nobody speaks in this recording.</p>"


def _text(part: Paragraph) -> str:
    return " ".join("".join(_words(words)) for words in part.parts)


def _words(words: Iterable[Word]) -> Iterator[str]:
    for number, word in enumerate(words):
        space = " " if number and not word.joined else ""
        yield f"{space}<i{_doubt(word)}>{escape(word.text)}</i>"


def _doubt(word: Word) -> str:
    if word.confidence is None:
        return ""
    for below, name in _DOUBTS:
        if word.confidence < below:
            return f" class={name} title={round(100 * word.confidence)}%"
    return ""


def _starts(said: Iterable[Paragraph]) -> str:
    """When each word begins, in milliseconds, as they stand on the page."""
    parts = chain.from_iterable(part.parts for part in said)
    return json.dumps([_ms(word.start) for words in parts for word in words], separators=(",", ":"))


def _ms(seconds: float) -> int:
    return round(1000 * seconds)
