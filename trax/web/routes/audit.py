"""The audit log: who did, read and was refused what."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from trax.store.accesses import AccessRepository, AuditFilter
from trax.store.audit import in_utc
from trax.web.asking import Administrator, TheService
from trax.web.paging import Cursor, Limit, cursor, page_of, read_cursor
from trax.web.views.audit import AuditPage, AuditView

router = APIRouter(prefix="/v1/audit", tags=["users"])


@router.get("", summary="Read the audit log")
def index(
    service: TheService,
    _caller: Administrator,
    actor: Annotated[str, Query(description="Only what they did, such as `user anna`.")] = "",
    action: Annotated[
        str, Query(description="Only that, such as `access.refused`, or all below `access`.")
    ] = "",
    subject: Annotated[str, Query(description="Only what was done to that, by its id.")] = "",
    since: Annotated[datetime | None, Query(description="Only from then on.")] = None,
    limit: Limit = 50,
    page: Cursor = "",
) -> AuditPage:
    """What was done to the data, who read what, and who was refused, newest first. Never what was
    said or searched for.
    """
    start = None if since is None else in_utc(since)
    wanted = AuditFilter(actor=actor, action=action, subject=subject, since=start)
    accesses = AccessRepository(service.workspace.database)
    found = accesses.newest(limit + 1, wanted, read_cursor(page))
    shown, last = page_of(found, limit)
    return AuditPage(
        items=[AuditView.model_validate(each.entry) for each in shown],
        next_cursor=cursor((last.entry.at, last.key)) if last else None,
    )
