"""Sending: what cron starts, what a person sends, approves and decides where nobody can tell."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from bulletin.cli.frame import Command, WeekType, progress, read_settings, say_failure, say_warning
from bulletin.cli.words import by
from bulletin.model.delivery import Delivery, DeliveryState, Mode
from bulletin.model.text import printable
from bulletin.model.week import Week

if TYPE_CHECKING:
    from bulletin.model.edition import Filed
    from bulletin.pipeline.delivering import Outcome

COLOURS = {Mode.PREVIEW: "blue", Mode.REHEARSAL: "yellow", Mode.LIVE: "red"}
"""Red is what reaches everybody, as where a console stands on the live machine."""

WRONG = frozenset({DeliveryState.REFUSED, DeliveryState.UNCERTAIN, DeliveryState.CANCELLED})
"""States that are told on standard error."""

only = click.option("--only", multiple=True, metavar="CHANNEL", help="This channel alone.")
lowered = click.option(
    "--as",
    "lowered",
    type=click.Choice([str(mode) for mode in Mode]),
    help="Go less far than the settings let it.",
)


@click.command(cls=Command)
@click.option("--week", type=WeekType(), help="The week that is due.  [default: it is found]")
@click.option("--json", "as_json", is_flag=True, help="Say what happened as JSON.")
@click.pass_context
def run(ctx: click.Context, *, week: Week | None, as_json: bool) -> None:
    """Do what is due, for cron: collect, file and deliver. Safe to start as often as you like."""
    from bulletin.pipeline.attending import attended_run

    ran = attended_run(read_settings(ctx, plugs=True), week=week, report=progress(ctx))
    if as_json:
        deliveries = ran.outcome.deliveries if ran.outcome else ()
        told = {
            "week": str(ran.week),
            "said": ran.said,
            "digest": ran.filed.digest if ran.filed else None,
            "skipped": [str(one) for one in ran.skipped],
            "cancelled": [_row(one) for one in ran.cancelled],
            "deliveries": [_row(one) for one in deliveries],
            "exit_code": ran.exit_code,
        }
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        for one in ran.skipped:
            click.secho(f"{one} is SKIPPED: it would have come too late.", err=True, fg="yellow")
        for late in ran.cancelled:
            click.secho(f"{late.week} came too late for what still waited:", err=True, fg="yellow")
            _say_delivery(late)
        if not ctx.obj["quiet"]:
            click.echo(ran.said)
        if ran.outcome is not None:
            _say_outcome(ctx, ran.outcome)
        if ran.printed is not None:
            for gap in ran.printed.filed.edition.gaps:
                say_warning(f"{gap.source}: {gap.detail}", gap.hint)
            for failure in ran.printed.failures:
                say_failure(failure)
    ctx.exit(ran.exit_code)


@click.command(cls=Command)
@click.argument("week", type=WeekType())
@only
@lowered
@click.option("--correction", is_flag=True, help="Send it again to everybody, as a correction.")
@click.option("--early", is_flag=True, help="Send it live although its week is not over.")
@click.option("--dry-run", is_flag=True, help="Show exactly what would leave, and send nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a delivery.")
@click.pass_context
def publish(
    ctx: click.Context,
    *,
    week: Week,
    only: tuple[str, ...],
    lowered: str | None,
    correction: bool,
    early: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Deliver a filed edition. Safe to repeat: what has arrived is not brought again."""
    from bulletin.pipeline import sending

    settings = read_settings(ctx, plugs=True)
    mode = Mode(lowered) if lowered else settings.mode
    if dry_run:
        filed, deliveries, failures = sending.plan(
            settings, week, mode=mode, only=only, correction=correction, early=early
        )
        if not as_json:
            _say_mode(ctx, mode, f"{week}, {filed.digest[:12]}: would leave, and nothing did")
        for one in deliveries:
            _say_delivery(one, as_json=as_json, planned=True)
        for failure in failures:
            say_failure(failure)
        ctx.exit(4 if failures else 0)

    def announce(filed: "Filed", planned: Sequence[Delivery]) -> None:
        if as_json or ctx.obj["quiet"]:
            return
        going = [one for one in planned if not one.state.is_settled]
        count = f"{len(going)} target{'s' * (len(going) != 1)}" if going else "nobody"
        there = f"; {len(planned) - len(going)} had it or are settled" if planned != going else ""
        _say_mode(ctx, filed.edition.mode, f"{week} goes to {count} now{there}")
        for one in going:
            click.echo(f"  {one.channel:<10} {printable(one.parcel.target)}")

    _, outcome = sending.publish(
        settings,
        week,
        mode=mode,
        only=only,
        correction=correction,
        early=early,
        report=progress(ctx),
        announce=announce,
    )
    if as_json:
        for one in outcome.deliveries:
            _say_delivery(one, as_json=True)
    else:
        _say_outcome(ctx, outcome)
    ctx.exit(0 if outcome.is_whole else 4)


@click.command(cls=Command)
@click.argument("week", type=WeekType())
@by
@click.pass_context
def approve(ctx: click.Context, *, week: Week, author: str) -> None:
    """Let a draft go that somebody else made: the second pair of eyes. Names what it approves."""
    from bulletin.pipeline import deciding
    from bulletin.pipeline.clock import utc_now

    settings = read_settings(ctx, plugs=True)
    live, failures = deciding.approve(settings, week, author=author, now=utc_now())
    if not ctx.obj["quiet"]:
        click.echo(f"{author} approved {week}: {live.digest}")
        click.echo("Exactly these bytes leave. Any newer draft voids this.")
    for failure in failures:
        say_failure(failure)
    ctx.exit(4 if failures else 0)


@click.command(cls=Command)
@click.argument("delivery")
@click.option("--arrived", is_flag=True, help="It is there.")
@click.option("--resend", is_flag=True, help="It is not: again.")
@click.option("--drop", is_flag=True, help="Let it be.")
@by
@click.pass_context
def resolve(
    ctx: click.Context, *, delivery: str, arrived: bool, resend: bool, drop: bool, author: str
) -> None:
    """Decide on a delivery of which nobody can say whether it arrived; `status` lists them."""
    from bulletin.pipeline import deciding
    from bulletin.pipeline.clock import utc_now

    said = {
        DeliveryState.SENT: arrived,
        DeliveryState.READY: resend,
        DeliveryState.CANCELLED: drop,
    }
    if sum(said.values()) != 1:
        raise click.UsageError("say one of --arrived, --resend and --drop")
    state = next(one for one, is_meant in said.items() if is_meant)
    found = deciding.resolve(read_settings(ctx), delivery, state, author=author, now=utc_now())
    if not ctx.obj["quiet"]:
        then = f"; `bulletin publish {found.week}` sends it" if resend else ""
        click.echo(f"{found.channel} to {printable(found.parcel.target)} is {state} now{then}.")


@click.command(cls=Command)
@by
@click.pass_context
def adopt(ctx: click.Context, *, author: str) -> None:
    """Make this machine the one that the archive sends from, after it has moved."""
    from bulletin.pipeline import deciding
    from bulletin.pipeline.clock import utc_now

    here = deciding.adopt(read_settings(ctx), author=author, now=utc_now())
    if not ctx.obj["quiet"]:
        click.echo(f"This archive sends from this machine now ({here}).")
        click.echo("Switch the old machine off: its own copy does not know of this.")


def coloured(mode: Mode, width: int = 0) -> str:
    """Write a mode in its colour for the terminal, at least so many letters wide."""
    return click.style(f"{mode:<{width}}".upper(), fg=COLOURS[mode], bold=True)


def _say_mode(ctx: click.Context, mode: Mode, told: str) -> None:
    if not ctx.obj["quiet"]:
        click.echo(f"{coloured(mode)} {told}")


def _say_outcome(ctx: click.Context, outcome: "Outcome") -> None:
    for delivery in outcome.deliveries:
        if delivery.state is not DeliveryState.SENT or not ctx.obj["quiet"]:
            _say_delivery(delivery)
    for failure in outcome.failures:
        say_failure(failure)


def _say_delivery(delivery: Delivery, *, as_json: bool = False, planned: bool = False) -> None:
    if as_json:
        click.echo(json.dumps(_row(delivery), ensure_ascii=False))
        return
    parcel = delivery.parcel
    wrong = delivery.state in WRONG
    state = click.style(f"{delivery.state:<10}", fg="red" if wrong else None)
    click.echo(f"{state} {delivery.channel:<10} {printable(parcel.target)}", err=wrong)
    if planned:
        titled = f", {printable(parcel.title)}" if parcel.title else ""
        click.echo(f"{'':<10} {delivery.size} bytes{titled}")
    if delivery.detail and delivery.state is not DeliveryState.SENT:
        click.echo(f"{'':<10} {printable(delivery.detail)}", err=wrong)
    if delivery.state.waits_for_a_person:
        from bulletin.telling import decision

        click.echo(f"{'':<10} {printable(decision(delivery))}", err=True)


def _row(delivery: Delivery) -> dict[str, object]:
    return {
        "channel": delivery.channel,
        "target": delivery.parcel.target,
        "state": delivery.state,
        "reference": delivery.parcel.reference,
        "title": delivery.parcel.title,
        "bytes": delivery.size,
        "attempts": delivery.attempts,
        "next_at": delivery.next_at.isoformat() if delivery.next_at else None,
        "detail": delivery.detail,
    }


COMMANDS = (run, publish, approve, resolve, adopt)
