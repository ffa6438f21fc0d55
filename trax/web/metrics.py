"""Figures for Prometheus: how requests were answered, and what is queued."""

import time

from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trax import __version__
from trax.service.serving import Service
from trax.store import JobStatus
from trax.web.middleware import route_of

_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 60.0, 300.0)
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_NO_ROUTE = "none"


class Metrics:
    """What a service counts.

    Names and labels are the service's own: no recording, word, name or token is among them.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
            self.registry.register(collector)
        self.requests = Counter(
            "trax_http_requests",
            "Requests that were answered, by route.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "trax_http_request_duration_seconds",
            "Seconds from a request to the end of its answer.",
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.open = Gauge(
            "trax_http_requests_open",
            "Requests that are being answered, streams among them.",
            registry=self.registry,
        )
        self.jobs = Gauge(
            "trax_jobs", "Jobs by how they stand.", ("status",), registry=self.registry
        )
        self.waiting = Gauge(
            "trax_queue_oldest_seconds",
            "Seconds for which the job that comes next has waited.",
            registry=self.registry,
        )
        version = Gauge("trax_info", "The version.", ("version",), registry=self.registry)
        version.labels(__version__).set(1)

    def rendered(self, service: Service) -> bytes:
        """All figures, as Prometheus reads them.

        Raises:
            StoreError: the database cannot be read.
        """
        queue = service.workspace.queue
        counts = queue.counts()
        for status in JobStatus:
            if status is not JobStatus.LOST:
                self.jobs.labels(status).set(counts.get(status, 0))
        self.waiting.set(queue.longest_wait())
        return generate_latest(self.registry)


class Metered:
    """Counts requests, and how long they take."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._metrics.open.inc()
        try:
            await self._app(scope, receive, sent)
        finally:
            self._metrics.open.dec()
            self._metrics.seconds.observe(time.perf_counter() - began)
            labels = (_method(scope), route_of(scope), f"{status // 100}xx")
            self._metrics.requests.labels(*labels).inc()


def _method(scope: Scope) -> str:
    """The method, if it is one of HTTP's usual: a caller must not make up others."""
    return str(scope["method"]) if scope["method"] in _METHODS else _NO_ROUTE
