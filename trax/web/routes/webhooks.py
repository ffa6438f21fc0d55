"""Webhooks: somebody is told of what happens to jobs."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from trax.service import webhooks
from trax.store import Database, DeliveryRepository, Webhook, WebhookRepository
from trax.store.audit import in_utc
from trax.web.asking import Submitter, TheService
from trax.web.paging import Cursor, Limit, number_cursor, page_of, read_numbers
from trax.web.problems import responses
from trax.web.views.webhooks import (
    DeliveryPage,
    DeliveryState,
    DeliveryView,
    NewWebhookView,
    ReplayRequest,
    ReplayView,
    RotationRequest,
    WebhookList,
    WebhookRequest,
    WebhookView,
)

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])


def _database(service: TheService) -> Database:
    return service.workspace.database


TheDatabase = Annotated[Database, Depends(_database)]


def _mine(webhook_id: str, database: TheDatabase, caller: Submitter) -> Webhook:
    return webhooks.find(database, caller, webhook_id)


Mine = Annotated[Webhook, Depends(_mine)]
DeliveryId = Annotated[int, Path(ge=1, lt=1 << 53)]


@router.get("", summary="List webhooks")
def index(database: TheDatabase, caller: Submitter) -> WebhookList:
    """Yours, or with `admin` everybody's; those for one job are not among them."""
    found = webhooks.visible(database, caller)
    return WebhookList(items=[WebhookView.model_validate(each) for each in found])


@router.post("", status_code=201, summary="Make a webhook")
def post(body: WebhookRequest, service: TheService, caller: Submitter) -> NewWebhookView:
    """It is told of jobs from now on. The answer is the only place that ever shows the secret.

    Messages are signed as [Standard Webhooks](https://www.standardwebhooks.com) has it. What does
    not arrive is sent again for a day; messages about one job arrive in order.
    """
    caller.check("read")
    made = webhooks.create(
        service.workspace.database, service.targets, caller, body.url, body.events
    )
    return NewWebhookView.of(made)


@router.get("/{webhook_id}", summary="Show a webhook", responses=responses(404))
def get(found: Mine) -> WebhookView:
    """Without its secret."""
    return WebhookView.model_validate(found)


@router.delete(
    "/{webhook_id}", status_code=204, summary="Remove a webhook", responses=responses(404)
)
def delete(found: Mine, database: TheDatabase) -> None:
    """Nothing more is sent, and what was sent is forgotten."""
    WebhookRepository(database).remove(found.id)


@router.post("/{webhook_id}/enable", summary="Use a webhook again", responses=responses(404))
def enable(found: Mine, database: TheDatabase) -> WebhookView:
    """One that was disabled is told of what happens from now on; `replay` sends what was missed."""
    WebhookRepository(database).enable(found.id)
    return WebhookView.model_validate(WebhookRepository(database).get(found.id))


@router.post("/{webhook_id}/secret", summary="Replace the secret", responses=responses(404))
def rotate(body: RotationRequest, found: Mine, database: TheDatabase) -> NewWebhookView:
    """The answer is the only place that ever shows the new one. Messages are signed with both for
    a while, so that the receiver may change over at any time in it.
    """
    return NewWebhookView.of(webhooks.rotate(database, found, timedelta(hours=body.hours)))


@router.post(
    "/{webhook_id}/test",
    status_code=202,
    summary="Send a message that means nothing",
    responses=responses(404),
)
def test(found: Mine, database: TheDatabase) -> DeliveryView:
    """Of the type `webhook.test`; its delivery says whether it has arrived."""
    return DeliveryView.of(webhooks.send_test(database, found))


@router.get("/{webhook_id}/deliveries", summary="List what was sent", responses=responses(404))
def deliveries(
    found: Mine,
    database: TheDatabase,
    state: Annotated[DeliveryState | None, Query(description="Only those that stand so.")] = None,
    limit: Limit = 50,
    page: Cursor = "",
) -> DeliveryPage:
    """And what is to be sent, newest first; for thirty days."""
    (before,) = read_numbers(page, 1) or (None,)
    sent = DeliveryRepository(database).newest(found.id, limit + 1, before, state or "")
    shown, last = page_of(sent, limit)
    return DeliveryPage(
        items=[DeliveryView.of(each) for each in shown],
        next_cursor=number_cursor(last.id) if last else None,
    )


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/replay",
    status_code=202,
    summary="Send a message again",
    responses=responses(404),
)
def replay(delivery_id: DeliveryId, found: Mine, database: TheDatabase) -> DeliveryView:
    """Whether it has arrived or not, with the id that it had."""
    return DeliveryView.of(webhooks.replay(database, found, delivery_id))


@router.post(
    "/{webhook_id}/replay",
    status_code=202,
    summary="Send everything again that failed",
    responses=responses(404),
)
def replay_failed(body: ReplayRequest, found: Mine, database: TheDatabase) -> ReplayView:
    """Since a time."""
    since = in_utc(body.since)
    return ReplayView(count=webhooks.replay_failed(database, found, since))
