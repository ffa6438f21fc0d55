"""What Alembic runs: the connection is the one that `trax.store.database` opened, in its transaction."""

from alembic import context

from trax.store.tables import Base


def compared(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """Whether Alembic looks after it: the search columns and tables are made by hand, v1's tables are kept apart."""
    searched = (kind == "column" and name == "search") or (kind == "index" and name == "ix_trax_segments_search")
    apart = kind == "table" and name is not None and name.startswith(("segments_search", "v1_"))
    return not searched and not apart


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=compared,
    version_table="trax_schema",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
