"""Figures for Prometheus."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from trax.web.asking import Reader, TheService
from trax.web.metrics import Metrics

router = APIRouter(tags=["health"])


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
def metrics(request: Request, service: TheService, _caller: Reader) -> Response:
    """How requests were answered, and how jobs stand."""
    found: Metrics = request.app.state.metrics
    return Response(found.rendered(service), media_type=CONTENT_TYPE_LATEST)
