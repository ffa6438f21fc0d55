"""Search in scripts that put no spaces between words: their letters are words of the index."""

import sqlalchemy as sa
from alembic import op

from trax.store.spaced import spaced

revision = "0005"
down_revision = "0004"

_AT_ONCE = 1000
_SEGMENTS = sa.table("segments", sa.column("id"), sa.column("text"), sa.column("spaced"))
_SEARCHED = "coalesce(spaced, text)"


def upgrade() -> None:
    """Add the column, fill it, and search by it."""
    op.add_column("segments", sa.Column("spaced", sa.String(), nullable=True))
    _fill()
    _index_anew(_SEARCHED)


def downgrade() -> None:
    """Search by the text again, and remove the column."""
    _index_anew("text")
    op.drop_column("segments", "spaced")


def _fill() -> None:
    connection = op.get_bind()
    last = -1
    while rows := _portion_after(last):
        found = [{"at": row.id, "words": spaced(row.text)} for row in rows]
        changed = [each for each in found if each["words"] is not None]
        if changed:
            change = sa.update(_SEGMENTS).where(_SEGMENTS.c.id == sa.bindparam("at"))
            connection.execute(change.values(spaced=sa.bindparam("words")), changed)
        last = rows[-1].id


def _portion_after(last: int) -> list[sa.Row[tuple[int, str]]]:
    query = sa.select(_SEGMENTS.c.id, _SEGMENTS.c.text).where(_SEGMENTS.c.id > last)
    return list(op.get_bind().execute(query.order_by(_SEGMENTS.c.id).limit(_AT_ONCE)).all())


def _index_anew(searched: str) -> None:
    """Make the full-text index again, of the expression *searched*."""
    if op.get_bind().dialect.name == "postgresql":
        _index_postgres(searched)
    else:
        _index_sqlite(searched)


def _index_postgres(searched: str) -> None:
    op.execute("DROP INDEX ix_trax_segments_search")
    op.execute("ALTER TABLE segments DROP COLUMN search")
    op.execute(
        f"""ALTER TABLE segments ADD COLUMN search tsvector GENERATED ALWAYS AS
        (to_tsvector('simple'::regconfig, left({searched}, 100000))) STORED"""
    )
    op.execute("CREATE INDEX ix_trax_segments_search ON segments USING gin (search)")


def _index_sqlite(searched: str) -> None:
    """FTS5 reads what it indexes from a view, which is the table if there is nothing to choose."""
    op.execute("DROP TRIGGER trax_segments_added")
    op.execute("DROP TRIGGER trax_segments_removed")
    op.execute("DROP TABLE segments_search")
    op.execute("DROP VIEW IF EXISTS segments_searched")
    content = "segments"
    if searched != "text":
        content = "segments_searched"
        op.execute(f"CREATE VIEW {content} AS SELECT id, {searched} AS text FROM segments")
    op.execute(
        f"""CREATE VIRTUAL TABLE segments_search USING fts5(text, content='{content}',
        content_rowid='id', tokenize='unicode61 remove_diacritics 0')"""
    )
    new = searched.replace("spaced", "new.spaced").replace("text", "new.text")
    op.execute(
        f"""CREATE TRIGGER trax_segments_added AFTER INSERT ON segments BEGIN
        INSERT INTO segments_search (rowid, text) VALUES (new.id, {new}); END"""
    )
    old = new.replace("new.", "old.")
    op.execute(
        f"""CREATE TRIGGER trax_segments_removed AFTER DELETE ON segments BEGIN
        INSERT INTO segments_search (segments_search, rowid, text)
        VALUES ('delete', old.id, {old}); END"""
    )
    op.execute("INSERT INTO segments_search (segments_search) VALUES ('rebuild')")
