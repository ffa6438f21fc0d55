"""One query language over two full-text searches: Postgres' ``tsvector`` and SQLite's FTS5."""

import re
from dataclasses import dataclass

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Text,
    and_,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from trax.errors import InvalidOption
from trax.store.spaced import spaced
from trax.store.tables import SegmentRow

_TERM = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
_TEXT = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for: a word, or several in this order.

    Attributes:
        text: as the search splits it.
        excluded: must not occur.
        begins: words that only begin so match, too.
    """

    text: str
    excluded: bool = False
    begins: bool = False


def terms(query: str) -> list[Term]:
    """What *query* asks for.

    Raises:
        InvalidOption: it holds no word, or only excluded ones.

    >>> found = terms('budget "three months" -draft plan*')
    >>> [(term.text, term.excluded, term.begins) for term in found[1:]]
    [('three months', False, False), ('draft', True, False), ('plan', False, True)]
    """
    found = []
    for match in _TERM.finditer(query.replace("\0", " ")):
        text = match["phrase"] if match["phrase"] is not None else match["word"]
        begins = match["phrase"] is None and text.endswith("*")
        if _TEXT.search(text):
            text = text.rstrip("*") if begins else text
            found.append(Term(spaced(text) or text, bool(match["minus"]), begins))
    if all(term.excluded for term in found):
        raise InvalidOption("name at least one word to look for")
    return found


def matching(query: str, kind: str) -> ColumnElement[bool]:
    """The condition that a row of ``segments`` matches *query*, for the database *kind*.

    Raises:
        InvalidOption: the query holds no word to look for.
    """
    wanted = terms(query)
    if kind == "postgresql":
        return _postgres(wanted)
    search = table("segments_search", column("rowid"))
    found = literal_column("segments_search").op("MATCH")(bindparam(None, _fts5(wanted)))
    return SegmentRow.id.in_(select(search.c.rowid).where(found))


def _postgres(wanted: list[Term]) -> ColumnElement[bool]:
    search: ColumnElement[object] = literal_column("segments.search")
    conditions = []
    for term in wanted:
        parsed = func.phraseto_tsquery(literal_column("'simple'::regconfig"), term.text)
        # The last word of what was parsed may go on.
        asked = cast(cast(parsed, Text).op("||")(":*"), TSQUERY) if term.begins else parsed
        found = search.op("@@", return_type=Boolean())(asked)
        conditions.append(~found if term.excluded else found)
    return and_(*conditions)


def _fts5(wanted: list[Term]) -> str:
    """FTS5's own query: every text quoted, so that nothing in it is an operator."""
    quoted = [
        ('"' + term.text.replace('"', '""') + '"' + ("*" if term.begins else ""), term)
        for term in wanted
    ]
    kept = " AND ".join(text for text, term in quoted if not term.excluded)
    left_out = " OR ".join(text for text, term in quoted if term.excluded)
    return f"({kept}) NOT ({left_out})" if left_out else kept
