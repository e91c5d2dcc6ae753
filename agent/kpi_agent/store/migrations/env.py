"""Runs migrations on the connection that ``migrate`` hands over, inside its transaction: all of them or none."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    render_as_batch=True,  # SQLite alters a table by building a new one
    transactional_ddl=True,
)
context.run_migrations()
