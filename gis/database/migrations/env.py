"""Alembic environment: plain SQL migrations on the connection `gis.database.migrate` hands over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema="app",
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
