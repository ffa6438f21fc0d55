"""Figures for Prometheus: how requests were answered, what is queued, how stages went.

Names and labels are the service's own: no recording, word, name or token is among them. Their
number is bounded, whatever is asked for.
"""

import time
from collections.abc import Iterator

from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trax import __version__
from trax.errors import StoreError
from trax.service.serving import Service
from trax.store import JobStatus
from trax.web.middleware import is_stream, route_of

_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 60.0, 300.0)
_PARTS = 3  # of a route's path that are shown: /v1/jobs/{job_id}/cancel counts as /v1/jobs


class Metrics:
    """What a service counts."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._knows_service = False
        self.registry = CollectorRegistry()
        for collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
            self.registry.register(collector)
        self.requests = Counter(
            "trax_http_requests",
            "Requests that were answered, by resource and kind of status.",
            ("resource", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "trax_http_request_duration_seconds",
            "Seconds from a request to the end of its answer, streams left out.",
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.open = Gauge(
            "trax_http_requests_open",
            "Requests that are being answered, streams among them.",
            registry=self.registry,
        )
        version = Gauge("trax_info", "The version.", ("version",), registry=self.registry)
        version.labels(__version__).set(1)

    def rendered(self, service: Service) -> bytes:
        """All figures, as Prometheus reads them."""
        if not self._knows_service:
            self._knows_service = True
            self.registry.register(_Work(service))
        return generate_latest(self.registry)


class _Work(Collector):
    """What the service's jobs are at, when somebody asks."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def describe(self) -> list[Metric]:
        """Nothing: whoever registers it does not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All of it; without what a database that is away would say."""
        ready = self._service.is_ready()
        yield GaugeMetricFamily("trax_ready", "Whether models can be used.", value=ready)
        yield from self._stages()
        try:
            found = [*self._jobs()]
        except StoreError:
            found = []
        yield GaugeMetricFamily("trax_database_up", "Whether it answers.", value=bool(found))
        yield from found

    def _jobs(self) -> Iterator[Metric]:
        queue = self._service.workspace.queue
        counts = queue.counts()
        jobs = GaugeMetricFamily("trax_jobs", "Jobs by how they stand.", labels=["status"])
        for status in JobStatus:
            if status is not JobStatus.LOST:
                jobs.add_metric([status], counts.get(status, 0))
        yield jobs
        yield GaugeMetricFamily(
            "trax_queue_oldest_seconds",
            "Seconds for which the job that comes next has waited.",
            value=queue.longest_wait(),
        )

    def _stages(self) -> Iterator[Metric]:
        runs = _counter("runs", "Stages that ended well here, those kept from before left out.")
        seconds = _counter("seconds", "Seconds that they took.")
        audio = _counter("audio_seconds", "Seconds of sound that they worked on.")
        kept = _counter("kept", "Stages whose result was kept from before.")
        processors = _counter("processor_seconds", "Seconds that processors worked for them.")
        gpus = _counter("gpu_busy_seconds", "Seconds for which a GPU was busy meanwhile.")
        failures = _counter("failures", "Stages that failed here; they may have been tried again.")
        for stage, worked in self._service.workers.worked().items():
            runs.add_metric([stage], worked.runs)
            seconds.add_metric([stage], worked.seconds)
            audio.add_metric([stage], worked.audio_seconds)
            kept.add_metric([stage], worked.kept)
            processors.add_metric([stage], worked.processor_seconds)
            gpus.add_metric([stage], worked.gpu_busy_seconds)
            failures.add_metric([stage], worked.failures)
        yield from (runs, seconds, audio, kept, processors, gpus, failures)


def _counter(what: str, help_text: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"trax_stage_{what}", help_text, labels=["stage"])


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
        is_endless = False

        async def sent(message: Message) -> None:
            nonlocal status, is_endless
            if message["type"] == "http.response.start":
                status = message["status"]
                is_endless = is_stream(message)
            await send(message)

        self._metrics.open.inc()
        try:
            await self._app(scope, receive, sent)
        finally:
            self._metrics.open.dec()
            if not is_endless:
                self._metrics.seconds.observe(time.perf_counter() - began)
            self._metrics.requests.labels(_resource(scope), f"{status // 100}xx").inc()


def _resource(scope: Scope) -> str:
    """The beginning of the route: few enough, and never what was asked for."""
    return "/".join(route_of(scope).split("/")[:_PARTS])
