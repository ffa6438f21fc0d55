"""``trax webhooks``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trax.cli.edge import edge, err, finite, names, out, print_json

if TYPE_CHECKING:
    from trax.settings import Settings
    from trax.store import Database, Delivery, Webhook

app = typer.Typer(rich_markup_mode="markdown")

_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_Id = Annotated[str, typer.Argument(help="The webhook's id.")]


@app.callback(invoke_without_command=True)
def webhooks(context: typer.Context, as_json: _AsJson = False) -> None:
    """Manage where `trax serve` tells of what happens to jobs.

    A service that runs sends the messages, signed as Standard Webhooks has it; one that does not
    arrive is sent again for a day. Without a command, webhooks are listed.

    **Examples**

    `trax webhooks add https://newsroom.example/trax --events job.completed,job.failed`

    `trax webhooks test 3f2a9c01d4e5b6a7`

    `trax webhooks replay 3f2a9c01d4e5b6a7 --since 2026-11-26`
    """
    if not context.invoked_subcommand:
        list_(as_json=as_json)


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="http:// or https://, at a public address.")],
    events: Annotated[
        str,
        typer.Option(
            help="By commas: job.queued, job.completed, job.failed, job.cancelled, stage.started, "
            "stage.finished, stage.failed."
        ),
    ] = "job.completed,job.failed,job.cancelled",
) -> None:
    """Tell an address of all jobs from now on, and print the secret: this is the only time.

    Addresses that are not public must be named in TRAX_INSIDE_TARGETS.

    **Example**

    `trax webhooks add https://newsroom.example/trax`
    """
    with edge():
        from trax.service.access import OWNER
        from trax.service.targets import Targets
        from trax.service.webhooks import create

        database, settings = _opened()
        targets = Targets(settings.inside_targets)
        made = create(database, targets, OWNER, url, names(events, "event"))
        out().file.write(f"{made.secret}\n")
        shown = f"webhook {made.id} tells of {made.events}"
        err().print(f"{shown}; its secret is not shown again", soft_wrap=True, markup=False)


@app.command("list")
def list_(as_json: _AsJson = False) -> None:
    """List webhooks, as `trax webhooks` alone does; those for one job are not among them."""
    with edge():
        from trax.store import WebhookRepository

        database, _settings = _opened()
        found = WebhookRepository(database).all()
        if as_json:
            print_json([_shown(each) for each in found])
        elif found:
            _show(found)
        else:
            out().print("There are no webhooks yet; `trax webhooks add URL` makes one.")


@app.command()
def remove(webhook: _Id) -> None:
    """Send nothing more to a webhook, and forget what was sent."""
    with edge():
        from trax.store import WebhookRepository

        database, _settings = _opened()
        WebhookRepository(database).remove(WebhookRepository(database).get(webhook).id)
        out().print(f"webhook {webhook} is removed", markup=False)


@app.command()
def enable(webhook: _Id) -> None:
    """Use a webhook again that was disabled: it is told of what happens from now on."""
    with edge():
        from trax.store import WebhookRepository

        database, _settings = _opened()
        WebhookRepository(database).enable(WebhookRepository(database).get(webhook).id)
        out().print(f"webhook {webhook} is in use", markup=False)


@app.command()
def rotate(
    webhook: _Id,
    hours: Annotated[
        float,
        typer.Option(
            help="How long the old secret signs messages, too.", min=0, max=720, callback=finite
        ),
    ] = 24,
) -> None:
    """Sign with a new secret, and print it: this is the only time.

    Messages have both signatures for a while, so that the receiver may change over at any time in
    it.

    **Example**

    `trax webhooks rotate 3f2a9c01d4e5b6a7 --hours 48`
    """
    with edge():
        from datetime import timedelta

        from trax.service import webhooks as service
        from trax.store import WebhookRepository

        database, _settings = _opened()
        found = WebhookRepository(database).get(webhook)
        made = service.rotate(database, found, timedelta(hours=hours))
        out().file.write(f"{made.secret}\n")
        shown = f"webhook {made.id} has a new secret, which is not shown again"
        err().print(f"{shown}; the old one signs, too, for {hours:g} hours", soft_wrap=True)


@app.command()
def deliveries(
    webhook: _Id,
    most: Annotated[int, typer.Option(help="How many to list.", min=1)] = 20,
    failed: Annotated[bool, typer.Option("--failed", help="Only those that failed.")] = False,
    as_json: _AsJson = False,
) -> None:
    """List what was sent to a webhook and what is to be, newest first; for thirty days."""
    with edge():
        from trax.cli.tables import plain
        from trax.store import DeliveryRepository, WebhookRepository

        database, _settings = _opened()
        found = WebhookRepository(database).get(webhook)
        state = "failed" if failed else ""
        sent = DeliveryRepository(database).newest(found.id, most, state=state)
        if as_json:
            print_json(plain(sent))
        elif sent:
            _show_deliveries(sent)
        else:
            out().print("Nothing was sent yet.")


@app.command()
def replay(
    webhook: _Id,
    delivery: Annotated[int | None, typer.Argument(help="A message's number.")] = None,
    since: Annotated[
        str, typer.Option(help="Without a number: all that failed since, such as 2026-11-26.")
    ] = "",
) -> None:
    """Send a message again, or all that failed.

    **Examples**

    `trax webhooks replay 3f2a9c01d4e5b6a7 4711`

    `trax webhooks replay 3f2a9c01d4e5b6a7 --since 2026-11-26T20:00`
    """
    with edge():
        from trax.errors import InvalidOption
        from trax.service import webhooks as service
        from trax.store import WebhookRepository

        database, _settings = _opened()
        found = WebhookRepository(database).get(webhook)
        if (delivery is None) == (not since):
            raise InvalidOption("give either a message's number or --since")
        if delivery is not None:
            service.replay(database, found, delivery)
            count = 1
        else:
            count = service.replay_failed(database, found, _moment(since))
        out().print(f"{count} to be sent again", markup=False)


@app.command("test")
def send(
    webhook: _Id,
    wait: Annotated[float, typer.Option(help="Seconds to wait for it to arrive.", min=0)] = 20.0,
) -> None:
    """Send a message that means nothing, and say whether it has arrived; a service must run."""
    with edge():
        from trax.errors import Unreachable
        from trax.service.webhooks import send_test
        from trax.store import WebhookRepository

        database, _settings = _opened()
        found = WebhookRepository(database).get(webhook)
        sent = _tried(database, send_test(database, found), wait)
        if sent.state == "delivered":
            out().print(f"it has arrived, with status {sent.status} in {sent.took_ms} ms")
            return
        if sent.attempts:
            raise Unreachable(f"it has not arrived: {sent.error}")
        raise Unreachable("nobody has sent it yet: does `trax serve` run on this database?")


def _tried(database: "Database", delivery: "Delivery", seconds: float) -> "Delivery":
    """A message once it was tried, or as it is after *seconds*."""
    import time

    from trax.store import DeliveryRepository

    deadline = time.monotonic() + seconds
    while not delivery.attempts and time.monotonic() < deadline:
        time.sleep(0.1)
        delivery = DeliveryRepository(database).get(delivery.webhook_id, delivery.id)
    return delivery


def _moment(text: str) -> Any:
    from trax.errors import InvalidOption
    from trax.store.audit import read_moment

    moment = read_moment(text)
    if moment is None:
        raise InvalidOption(f"{text!r} is no time such as 2026-11-26 or 2026-11-26T20:00")
    return moment


def _opened() -> "tuple[Database, Settings]":
    from trax.compose import open_database
    from trax.settings import load_settings

    settings = load_settings()
    return open_database(settings), settings


def _shown(webhook: "Webhook") -> dict[str, Any]:
    """A webhook as JSON, without its secret."""
    from trax.cli.tables import plain

    shown: dict[str, Any] = plain([webhook])[0]
    del shown["secret"], shown["old_secret"]
    return shown


def _show(found: "Sequence[Webhook]") -> None:
    from rich.markup import escape

    from trax.cli.tables import moment, table

    rows = [
        (each.id, escape(each.url), each.events, moment(each.created_at), _state(each))
        for each in found
    ]
    out().print(table(("id", "address", "tells of", "made", "state"), rows))


def _state(webhook: "Webhook") -> str:
    from datetime import UTC, datetime

    from rich.markup import escape

    from trax.cli.tables import moment

    if webhook.disabled_at is not None:
        return f"[red]disabled[/]: {escape(webhook.note)}"
    if webhook.rests_until is not None and webhook.rests_until > datetime.now(UTC):
        return f"[yellow]at rest[/] until {moment(webhook.rests_until)}"
    if webhook.failing_since is not None:
        return f"[yellow]failing[/] since {moment(webhook.failing_since)}"
    return "[green]in use[/]"


def _show_deliveries(sent: "Sequence[Delivery]") -> None:
    from rich.markup import escape

    from trax.cli.tables import moment, table

    rows = [
        (
            str(each.id),
            moment(each.queued_at),
            each.event,
            each.job_id,
            each.state,
            str(each.attempts),
            escape(each.error),
        )
        for each in sent
    ]
    out().print(table(("number", "queued", "event", "job", "state", "tries", "error"), rows))
