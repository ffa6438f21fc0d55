"""Webhooks and what is sent to them as JSON."""

import json
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import ConfigDict, Field

from trax.service.targets import LONGEST
from trax.service.webhooks import ENDS, LONGEST_OVERLAP, OVERLAP, EventType, message_id
from trax.store import Delivery, Webhook
from trax.web.views.base import Given, View, Words

_URL = "https://newsroom.example/trax"


class WebhookRequest(Given):
    """Where somebody is to be told of jobs."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"url": _URL, "events": ["job.completed", "job.failed"]}]},
    )

    url: str = Field(
        max_length=LONGEST, description="`http://` or `https://`, at an address that is public."
    )
    events: list[EventType] = Field(
        list(ENDS), min_length=1, description="What is told; by default how jobs end."
    )


class WebhookView(View):
    """Where somebody is told of jobs."""

    id: str
    url: str
    events: Words
    job_id: str = Field(description="The only job that it is for; empty if it is for all.")
    created_at: datetime
    failing_since: datetime | None = Field(
        description="Since when nothing has arrived; null if the last message did."
    )
    rests_until: datetime | None = Field(
        description="Before then nothing is sent: the receiver has asked for that by `Retry-After`."
    )
    old_until: datetime | None = Field(
        description="Until then the secret that was replaced signs messages, too."
    )
    disabled_at: datetime | None = Field(
        description="Since when nothing is sent: after three days without a message that arrived, "
        "an answer with status 410, or the end of the token that made it."
    )
    note: str = Field(description="Why it is disabled.")


class NewWebhookView(WebhookView):
    """A webhook that was just made."""

    secret: str = Field(
        description="Signs what is sent, as Standard Webhooks has it; it is shown once."
    )

    @classmethod
    def of(cls, webhook: Webhook) -> "NewWebhookView":
        """The view of *webhook*."""
        return cls(**dict(WebhookView.model_validate(webhook)), secret=webhook.secret)


class RotationRequest(Given):
    """How a secret is replaced."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"hours": 24}]})

    hours: float = Field(
        OVERLAP / timedelta(hours=1),
        ge=0,
        le=LONGEST_OVERLAP / timedelta(hours=1),
        description="How long the old secret signs messages, too.",
    )


class WebhookList(View):
    """Webhooks for all jobs, newest first."""

    items: list[WebhookView]


DeliveryState = Literal["pending", "delivered", "failed"]


class DeliveryView(View):
    """A message to a webhook, and how sending it went."""

    id: int
    message_id: str = Field(description="`webhook-id` of the message: the same at every try.")
    event: str
    job_id: str
    state: DeliveryState = Field(
        description="`failed` once nobody tries any more: after a day, or when the webhook was "
        "disabled."
    )
    attempts: int
    queued_at: datetime
    next_at: datetime | None = Field(description="When it is tried next.")
    tried_at: datetime | None
    status: int | None = Field(description="HTTP status of the last answer.")
    took_ms: int | None
    error: str = Field(description="Why it has not arrived; empty if it has.")
    body: dict[str, Any] = Field(description="What is sent.")

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryView":
        """The view of *delivery*."""
        return cls(
            id=delivery.id,
            message_id=message_id(delivery),
            event=delivery.event,
            job_id=delivery.job_id,
            state=delivery.state,
            attempts=delivery.attempts,
            queued_at=delivery.queued_at,
            next_at=delivery.next_at if delivery.state == "pending" else None,
            tried_at=delivery.tried_at,
            status=delivery.status,
            took_ms=delivery.took_ms,
            error=delivery.error,
            body=json.loads(delivery.body),
        )


class DeliveryPage(View):
    """Some messages to a webhook, newest first."""

    items: list[DeliveryView]
    next_cursor: str | None = Field(description="For the next page; null on the last.")


class ReplayRequest(Given):
    """What is to be sent again."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"since": "2026-11-26T20:00:00Z"}]},
    )

    since: datetime = Field(description="Messages that were to be sent at that time or later.")


class ReplayView(View):
    """What is sent again."""

    count: int = Field(description="How many messages.")
