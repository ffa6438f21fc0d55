"""Traces: from a request to its job to the job's stages, sent by OpenTelemetry's protocol."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from trax import __version__
from trax.errors import MissingPart
from trax.telemetry.ids import current_ids

_PARENT = "traceparent"
_tracers: list[Any] = []  # one, once traces are sent


def start_traces(endpoint: str, part: str) -> None:
    """Send traces to the receiver at *endpoint*, such as ``http://collector:4318``.

    The tracer is Trax's own: with one for the whole process FastAPI would send spans that have
    addresses in them, and so what was searched for.

    Args:
        part: of Trax, such as ``service``.

    Raises:
        MissingPart: OpenTelemetry is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise MissingPart("traces need what trax-speech[otel] installs") from error
    about = {"service.name": f"trax-{part}", "service.version": __version__}
    provider = TracerProvider(resource=Resource(about))
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracers[:] = [provider.get_tracer("trax")]


def current_trace() -> str:
    """The span that code runs in, as W3C's ``traceparent``; empty if none is recorded."""
    if not _tracers:
        return ""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get(_PARENT, "")


@contextmanager
def span(name: str, parent: str = "") -> Iterator["Span"]:
    """Record how long the block takes, with the ids that are bound, and the class of its error.

    Args:
        parent: the span that it is part of, if that is another process's or thread's.
    """
    if not _tracers:
        yield Span(None)
        return
    from opentelemetry.trace import Status, StatusCode
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = TraceContextTextMapPropagator().extract({_PARENT: parent}) if parent else None
    attributes = {f"trax.{key}": value for key, value in current_ids().items()}
    with _tracers[0].start_as_current_span(
        name,
        context,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as recorded:
        try:
            yield Span(recorded)
        except BaseException as error:
            recorded.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


class Span:
    """A span, or nothing where none is recorded."""

    def __init__(self, recorded: Any) -> None:
        self._recorded = recorded

    def note(self, name: str, **attributes: str | int) -> None:
        """Give it the name that is known by now, and attributes."""
        if self._recorded is not None:
            self._recorded.update_name(name)
            self._recorded.set_attributes(attributes)
