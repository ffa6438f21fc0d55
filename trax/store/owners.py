"""Which process works on a job, and whether it still does."""

import os
import socket
import uuid
from datetime import datetime, timedelta
from typing import Any

from trax.store.audit import in_utc
from trax.store.job_values import JobStatus
from trax.store.tables import JobRow

LEASE = timedelta(seconds=60)
"""How long a job belongs to a process after its last sign of life."""


def new_owner() -> str:
    """A name for this process as the worker on one job."""
    return f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"


def is_dead(owner: str) -> bool:
    """Whether the process *owner* ran on this machine and has ended.

    Nothing is known of processes on other machines.
    """
    host, _, rest = owner.partition("/")
    process = rest.partition("/")[0]
    if host != socket.gethostname() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def begun(owner: str, now: datetime) -> dict[str, Any]:
    """What a job's row says when *owner* begins to work on it."""
    return {
        "status": JobStatus.RUNNING,
        "owner": owner,
        "attempts": JobRow.attempts + 1,
        "stage": "",
        "progress": 0.0,
        "error": None,
        "started_at": now,
        "heartbeat_at": now,
        "finished_at": None,
        "cancel_requested_at": None,
    }


def is_silent(row: JobRow, now: datetime) -> bool:
    """Whether nobody will be heard of any more who works on a running job."""
    if row.heartbeat_at is None or in_utc(row.heartbeat_at) < now - LEASE:
        return True
    return is_dead(row.owner)
