"""Shared documents as they are kept: a CRDT for each part of the text, and one for the rest."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pycrdt import Doc, Map, Text

from trax.coediting.deriving import Shared
from trax.coediting.lines import Line, Run, lines_of, parted, runs_of
from trax.collecting import collection_paused
from trax.transcript import Transcript

MOST_WORDS = 10_000
"""Words of a part."""

META = "meta"
"""The room of what is no text."""

SPEAKERS = "speakers"
"""What people said of speakers, in the room `META`."""

_TEXT = "text"
_SILENCED = "silenced"
_STATE = "state"
_BASE = "base"


@collection_paused()
def made_of(transcript: Transcript, version: int) -> dict[str, Doc[Any]]:
    """A new shared document, by room, that says what one version of a transcript says."""
    rooms: dict[str, Doc[Any]] = {}
    for number, segments in enumerate(parted(transcript, MOST_WORDS)):
        rooms[str(number)] = _written(runs_of(segments))
    rooms[META] = Doc()
    set_base(rooms[META], version)
    return rooms


def _written(runs: Iterable[Run]) -> Doc[Any]:
    """A part with a text, written from its end: positions are found from the start."""
    doc: Doc[Any] = Doc()
    text = text_of(doc)
    with doc.transaction():
        for run in reversed(list(runs)):
            text.insert(0, run.text, dict(run.attributes) or None)
    return doc


def text_of(doc: Doc[Any]) -> Text:
    """The text of a part."""
    text: Text = doc.get(_TEXT, type=Text)
    return text


def runs_in(doc: Doc[Any]) -> list[Run]:
    """The text of a part, by stretches of letters with the same attributes."""
    found: list[Run] = []
    for text, attributes in text_of(doc).diff():
        if isinstance(text, str):  # a hostile page can put anything in
            found.append(Run(text, attributes or {}))
    return found


@collection_paused()
def read(rooms: Mapping[str, Doc[Any]], lines: Sequence[Line] | None = None) -> Shared:
    """What a shared document says.

    Args:
        lines: of its text, if they have been read.
    """
    if lines is None:
        runs = [run for name in parts_of(rooms) for run in runs_in(rooms[name])]
        lines = lines_of(runs)
    meta = rooms[META]
    speakers = entries(meta, SPEAKERS)
    return Shared(
        lines=lines,
        speakers={label: said for label, said in speakers.items() if isinstance(said, dict)},
        silenced=frozenset(entries(meta, _SILENCED)),
    )


def parts_of(rooms: Iterable[str]) -> list[str]:
    """The rooms of the text, in order."""
    return sorted((name for name in rooms if name != META), key=int)


def base_of(meta: Doc[Any]) -> int:
    """The version that the document was last saved as or opened from; 0 if somebody wrote nonsense
    there.
    """
    found = entries(meta, _STATE).get(_BASE)
    if isinstance(found, int | float) and float(found).is_integer():
        return int(found)
    return 0


def set_base(meta: Doc[Any], version: int) -> None:
    """Say of which version the document is now."""
    meta.get(_STATE, type=Map)[_BASE] = version


def entries(meta: Doc[Any], name: str) -> dict[str, Any]:
    """What one map of the room `META` has."""
    return dict(meta.get(name, type=Map).to_py() or {})


def merged(updates: Iterable[bytes]) -> bytes:
    """One update that says what several say."""
    doc = loaded(updates)
    update: bytes = doc.get_update()
    return update


def loaded(updates: Iterable[bytes]) -> Doc[Any]:
    """A room with these updates."""
    doc: Doc[Any] = Doc()
    for update in updates:
        doc.apply_update(update)
    return doc
