"""What is answered to a change of a version that is no longer the newest."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from trax.errors import Conflict
from trax.service.revisions import Edits
from trax.web.problems import MEDIA_TYPE, error_problem, problem
from trax.web.views.revisions import OutdatedProblem, RevisionView

_MOST = 200  # changes that are told

OUTDATED: dict[int | str, dict[str, Any]] = {
    412: {
        "description": "Somebody changed it since",
        "model": OutdatedProblem,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/OutdatedProblem"}}},
    }
}
"""What OpenAPI says of it."""


def add_outdated(app: FastAPI) -> None:
    """Have *app* answer so."""
    app.add_exception_handler(Conflict, _on_conflict)


def _on_conflict(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Conflict):
        raise error
    edits: Edits | None = getattr(request.state, "edits", None)
    if edits is None or edits.base_version is None:
        return error_problem(request.scope, error)
    return problem(
        request.scope, 412, str(error), "outdated", more=_meanwhile(request, edits, error)
    )


def _meanwhile(request: Request, edits: Edits, error: Conflict) -> dict[str, Any]:
    """What people changed since the version that whoever asks has seen."""
    reference = request.path_params["transcript_id"]
    changes = edits.revisions.since(reference, edits.base_version or 0)[-_MOST:]
    told = [RevisionView.of(each).model_dump(mode="json") for each in changes]
    return {"newest_version": error.newest, "revisions": told}
