"""The archive's migrations: Alembic's environment, run by `schema` on every opening."""
