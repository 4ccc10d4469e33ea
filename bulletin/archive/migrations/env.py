"""Alembic's environment: it runs on the connection it is given, inside that transaction."""

from alembic import context

from bulletin.archive.schema import REVISIONS, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=REVISIONS,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
