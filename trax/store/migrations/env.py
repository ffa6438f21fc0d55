"""What Alembic runs: the connection is the one that `trax.store.database` opened, in its
transaction.
"""

from alembic import context

from trax.store import (  # noqa: F401 - their tables
    account_tables,
    document_tables,
    figure_tables,
    revision_tables,
    voice_tables,
)
from trax.store.migrations.kept import compared
from trax.store.schema import VERSION_TABLE
from trax.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=compared,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
