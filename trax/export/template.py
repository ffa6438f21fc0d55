"""A transcript as a note, by a template: front matter and text as somebody's vault has them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml
from jinja2 import StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from trax.errors import InvalidOption
from trax.export.document import escaped, title_of
from trax.export.notes import sections
from trax.export.paragraphs import Paragraph, paragraphs
from trax.transcript import Transcript, format_clock


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a note says of a transcript that is not in its document.

    Attributes:
        date: of the day when it was made, as ``2026-11-27``; empty if unknown.
        tags: by which people find it.
        link: address of the page that shows it; empty if there is none.
    """

    date: str = ""
    tags: tuple[str, ...] = ()
    link: str = ""


def usual_template() -> str:
    """The template that is there without anybody's own."""
    return files("trax.export").joinpath("note.md").read_text("utf-8")


def to_note(transcript: Transcript, template: str, about: About) -> bytes:
    """*template*, a text of Jinja's, filled with what is said, by whom and when.

    Raises:
        InvalidOption: the template cannot be filled.
    """
    try:
        text = _environment().from_string(template).render(_values(transcript, about))
    except TemplateSyntaxError as error:
        raise InvalidOption(f"line {error.lineno} of the template: {error.message}") from error
    except Exception as error:  # whatever its expressions do
        raise InvalidOption(f"the template cannot be filled: {error}") from error
    return f"{text.rstrip()}\n".encode()


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"clock": format_clock, "escaped": escaped, "yaml": _yaml}
    return environment


def _yaml(value: str | Sequence[str]) -> str:
    """A text, or a list of texts, on one line.

    >>> print(_yaml("no: yes"), _yaml(("a", "#b")))
    "no: yes" ["a", "#b"]
    """
    plain = value if isinstance(value, str) else list(value)
    written: str = yaml.safe_dump(
        plain,
        allow_unicode=True,
        default_flow_style=True,
        default_style='"',
        width=float("inf"),
    )
    return written.strip()


def _values(transcript: Transcript, about: About) -> Mapping[str, object]:
    notes = transcript.notes
    return {
        "id": transcript.id,
        "title": title_of(transcript),
        "date": about.date,
        "tags": about.tags,
        "link": about.link,
        "recording": transcript.recording.name,
        "duration": transcript.recording.duration,
        "language": transcript.language,
        "speakers": [transcript.display_name(each.label) for each in transcript.speakers],
        "warnings": transcript.warnings,
        "summary": notes.summary if notes else "",
        "chapters": notes.chapters if notes else (),
        "action_items": notes.action_items if notes else (),
        "notes": list(sections(notes)),
        "paragraphs": list(_linked(transcript, about.link)),
    }


def _linked(transcript: Transcript, link: str) -> Iterator[Mapping[str, object]]:
    for part in paragraphs(transcript):
        yield {
            "name": part.name,
            "start": part.start,
            "end": part.end,
            "text": part.text,
            "link": _link_at(part, link),
        }


def _link_at(part: Paragraph, link: str) -> str:
    return f"{link}#t={part.start:.2f}" if link else ""
