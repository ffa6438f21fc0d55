"""Webhooks: who is told of jobs, of what, and how a message proves where it comes from."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal, get_args

from trax.errors import InvalidOption, NotFound
from trax.service.access import Caller
from trax.service.targets import Targets
from trax.store import (
    Database,
    Delivery,
    DeliveryRepository,
    Message,
    Told,
    Webhook,
    WebhookRepository,
)
from trax.store.tables import utc_now
from trax.store.telling import Telling

EventType = Literal[
    "job.queued",
    "job.completed",
    "job.failed",
    "job.cancelled",
    "stage.started",
    "stage.finished",
    "stage.failed",
]
"""What somebody can be told of."""

EVENTS: tuple[EventType, ...] = get_args(EventType)

ENDS: tuple[EventType, ...] = ("job.completed", "job.failed", "job.cancelled")
"""What they are told of unless they say otherwise."""

TEST = "webhook.test"
"""The type of a message that somebody asked for to see whether it arrives."""

MOST = 20
"""Webhooks for all jobs that one caller may have."""

OVERLAP = timedelta(days=1)
"""How long an old secret signs messages, too, unless it is said otherwise."""

LONGEST_OVERLAP = timedelta(days=30)

_PREFIX = "whsec_"
_SECRET_BYTES = 32
_STAGES = {"started": "stage.started", "finished": "stage.finished", "failed": "stage.failed"}


def create(
    database: Database,
    targets: Targets,
    caller: Caller,
    url: str,
    events: Sequence[str] = ENDS,
) -> Webhook:
    """Have *url* told from now on of all jobs that *caller* sees. The secret of what is given is
    shown this once.

    Raises:
        RefusedTarget: the address is not one that this service goes to.
        Unreachable: there is no such machine.
        InvalidOption: there is no such event, or the caller has too many webhooks.
    """
    made = new_webhook(targets, caller, url, events)
    if len(WebhookRepository(database).all(caller.id)) >= MOST:
        raise InvalidOption(f"you have {MOST} webhooks, and may have no more: remove one")
    WebhookRepository(database).add(made)
    return made


def attach(database: Database, webhook: Webhook, job_id: str) -> Webhook | None:
    """Have a webhook told of one job, from when that was queued last on; ``None`` if its owner has
    one at that address for that job already.
    """
    wanted = replace(webhook, job_id=job_id)
    kept = Telling(database, described).add_to_job(wanted, utc_now())
    return kept if kept.id == webhook.id else None


def find(database: Database, caller: Caller, webhook_id: str) -> Webhook:
    """A webhook that *caller* may manage.

    Raises:
        NotFound: they have none of that id.
    """
    found = WebhookRepository(database).get(webhook_id)
    if found.owner != caller.id and "admin" not in caller.scopes:
        raise NotFound("webhook", webhook_id)
    return found


def visible(database: Database, caller: Caller) -> list[Webhook]:
    """The webhooks that *caller* may manage: their own, or all if they manage the service."""
    return WebhookRepository(database).all(None if "admin" in caller.scopes else caller.id)


def send_test(database: Database, webhook: Webhook) -> Delivery:
    """Queue a message that means nothing but that messages arrive.

    Raises:
        InvalidOption: the webhook is disabled.
    """
    _check_enabled(webhook)
    now = utc_now()
    message = Message(event=TEST, job_id="", body=_body(TEST, now, {}))
    queued = DeliveryRepository(database).add(message, webhook.id, now)
    return DeliveryRepository(database).get(webhook.id, queued)


def replay(database: Database, webhook: Webhook, delivery_id: int) -> Delivery:
    """Send a message again, whether it has arrived or not; its id stays what it was.

    Raises:
        NotFound: there is no such message.
        InvalidOption: the webhook is disabled.
    """
    found = DeliveryRepository(database).get(webhook.id, delivery_id)
    _check_enabled(webhook)
    DeliveryRepository(database).replay(webhook.id, found.id, utc_now())
    return DeliveryRepository(database).get(webhook.id, delivery_id)


def replay_failed(database: Database, webhook: Webhook, since: datetime) -> int:
    """Send everything again that has failed and was queued *since* then; gives how much.

    Raises:
        InvalidOption: the webhook is disabled.
    """
    _check_enabled(webhook)
    return DeliveryRepository(database).replay_failed(webhook.id, since, utc_now())


def described(told: Told) -> Message | None:
    """The message about an event: ids and states, never a name or a word."""
    event = told.event
    data: dict[str, object] = {"job_id": told.job_id, "attempt": event.attempt}
    if event.kind in _STAGES:
        kind = _STAGES[event.kind]
        data["stage"] = event.text.partition(":")[0]
    elif event.kind in ("queued", "ended"):
        state = event.text if event.kind == "ended" else "queued"
        kind = f"job.{state}"
        data["status"] = state
    else:
        return None
    if kind == "job.completed" and told.transcript is not None:
        name, version = told.transcript
        data["transcript"] = {"id": name, "version": version}
    return Message(event=kind, job_id=told.job_id, body=_body(kind, event.at, data))


def message_id(delivery: Delivery) -> str:
    """The id of a message: the same however often it is sent."""
    return f"msg_{delivery.webhook_id}_{delivery.id}"


def signed(webhook: Webhook, delivery: Delivery, at: datetime) -> dict[str, str]:
    """The headers that prove a message, as Standard Webhooks has them: HMAC-SHA-256 over id, time
    and body with the secret, and with the one before as long as it counts.
    """
    moment = str(int(at.timestamp()))
    name = message_id(delivery)
    content = f"{name}.{moment}.{delivery.body}".encode()
    return {
        "webhook-id": name,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(
            f"v1,{_signature(secret, content)}" for secret in _secrets(webhook, at)
        ),
    }


def rotate(database: Database, webhook: Webhook, overlap: timedelta = OVERLAP) -> Webhook:
    """Have a webhook's messages signed with a new secret, which is shown this once, and with the
    old one, too, as long as *overlap*: a receiver may change over at any time in it.

    Raises:
        InvalidOption: *overlap* is less than none, or too long.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise InvalidOption(f"an old secret is used for 0 to {LONGEST_OVERLAP.days} days more")
    WebhookRepository(database).rotate(webhook.id, _new_secret(), utc_now() + overlap)
    return WebhookRepository(database).get(webhook.id)


def new_webhook(
    targets: Targets, caller: Caller, url: str, events: Sequence[str] = ENDS
) -> Webhook:
    """A webhook of *caller* that is not kept yet.

    Raises:
        RefusedTarget: the address is not one that this service goes to.
        Unreachable: there is no such machine.
        InvalidOption: there is no such event.
    """
    if not events:
        raise InvalidOption(f"say what is to be told: {', '.join(EVENTS)}")
    for event in events:
        if event not in EVENTS:
            raise InvalidOption(f"there is no event {event!r}; events are {', '.join(EVENTS)}")
    targets.check(url)
    return Webhook(
        id=secrets.token_hex(8),
        owner=caller.id,
        is_whole=caller.sight.is_whole,
        url=url,
        events=" ".join(dict.fromkeys(events)),
        secret=_new_secret(),
        created_at=utc_now(),
    )


def _new_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def _secrets(webhook: Webhook, at: datetime) -> Iterator[str]:
    """The secrets that sign a message at that time."""
    yield webhook.secret
    if webhook.old_until is not None and at < webhook.old_until:
        yield webhook.old_secret


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def _body(kind: str, at: datetime, data: dict[str, object]) -> str:
    told = {"type": kind, "timestamp": at.isoformat().replace("+00:00", "Z"), "data": data}
    return json.dumps(told, separators=(",", ":"))


def _check_enabled(webhook: Webhook) -> None:
    if webhook.disabled_at is not None:
        raise InvalidOption(f"webhook {webhook.id} is disabled ({webhook.note}): enable it first")
