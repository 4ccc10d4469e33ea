"""The outbox: what is on its way, who approved it, and whose archive this is.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

STATES = "'ready','sending','deferred','sent','refused','uncertain','cancelled'"


def upgrade() -> None:
    """Lay the outbox beside the editions, which learn how serious they are."""
    op.add_column("edition", sa.Column("mode", sa.Text(), nullable=False, server_default="preview"))
    op.create_table(
        "approval",
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("drafter", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("edition", "approver", name="pk_approval"),
        sa.ForeignKeyConstraint(["edition"], ["edition.digest"], name="fk_approval_edition"),
        sa.CheckConstraint("approver <> drafter", name="ck_approval_four_eyes"),
    )
    op.create_table(
        "payload",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_payload"),
    )
    op.create_table(
        "delivery",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("bulletin", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("week", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("committed", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("recoveries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True)),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_delivery"),
        sa.ForeignKeyConstraint(["edition"], ["edition.digest"], name="fk_delivery_edition"),
        sa.ForeignKeyConstraint(["payload"], ["payload.sha256"], name="fk_delivery_payload"),
        sa.UniqueConstraint("edition", "kind", "target", name="uq_delivery_edition_kind_target"),
        sa.CheckConstraint(f"state in ({STATES})", name="ck_delivery_state"),
    )
    op.create_table(
        "home",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("machine", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_home"),
    )
    _keep()


def _keep() -> None:
    """Let approvals, frozen bytes and homes only grow; a delivery moves on, and is never lost."""
    if op.get_bind().dialect.name == "postgresql":
        for table in ("approval", "payload", "home"):
            op.execute(
                f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION bulletin_only_grows()"
            )
        op.execute(
            "CREATE TRIGGER delivery_only_grows BEFORE DELETE OR TRUNCATE ON delivery "
            "FOR EACH STATEMENT EXECUTE FUNCTION bulletin_only_grows()"
        )
        return
    forbidden = [
        (table, deed) for table in ("approval", "payload", "home") for deed in ("UPDATE", "DELETE")
    ]
    for table, deed in [*forbidden, ("delivery", "DELETE")]:
        op.execute(
            f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'the archive only grows'); END"
        )
