"""Notes of transcripts, by templates that lie in the data folder."""

from pathlib import Path

from trax.errors import InvalidOption, NotFound
from trax.export.template import About, to_note, usual_template
from trax.store import TranscriptRepository
from trax.transcript import Transcript

USUAL = "note"
"""The template that is always there; one in the data folder of that name takes its place."""

_LARGEST = 256 << 10  # bytes


def template_names(home: Path) -> list[str]:
    """The templates to choose from: the usual one, and the files in ``templates``."""
    own = {path.stem for path in (home / "templates").glob("*.md")}
    return [USUAL, *sorted(own - {USUAL})]


def template_named(home: Path, name: str) -> str:
    """The text of a template.

    Raises:
        NotFound: there is none of that name.
        InvalidOption: it cannot be read.
    """
    known = template_names(home)
    if name not in known:
        raise NotFound("template", name, f"known are {', '.join(known)}")
    path = home / "templates" / f"{name}.md"
    return read_template(path) if path.is_file() else usual_template()


def read_template(path: Path) -> str:
    """The text of a template in a file of one's own.

    Raises:
        InvalidOption: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise InvalidOption(f"the template {path.name} has more than {_LARGEST} bytes")
        return data.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidOption(f"the template {path.name} cannot be read: {error}") from error


def noted(
    repository: TranscriptRepository,
    document: Transcript,
    template: str,
    link: str = "",
    *,
    redacted: bool = False,
) -> bytes:
    """*document* as a note; its date is that of its first version.

    Args:
        link: address of its page; empty if there is none.
        redacted: whether it is to have no tags and no link: they tell what was taken out.

    Raises:
        InvalidOption: the template cannot be filled.
    """
    try:
        versions = repository.versions(document.id)
    except NotFound:  # a file that was never kept here
        return to_note(document, template, About(link=link))
    date = versions[-1].created_at.date().isoformat()
    if redacted:
        return to_note(document, template, About(date=date))
    return to_note(document, template, About(date=date, tags=versions[0].tags, link=link))
