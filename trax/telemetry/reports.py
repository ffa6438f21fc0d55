"""Reports of defects, to Sentry: classes, places and ids, and nothing that an error says."""

from typing import Any

from trax import __version__
from trax.errors import InvalidOption, MissingPart
from trax.telemetry.ids import current_ids

_KEPT = ("event_id", "timestamp", "platform", "level", "logger", "release", "environment", "sdk")
_KEPT_OF_FRAMES = ("filename", "function", "module", "lineno", "in_app")


def start_reports(dsn: str, environment: str, part: str) -> None:
    """Report every error that is logged with its trace to the server that *dsn* names.

    Args:
        part: of Trax, such as ``service``.

    Raises:
        MissingPart: sentry-sdk is not installed.
        InvalidOption: *dsn* is none.
    """
    try:
        import sentry_sdk
        from sentry_sdk.integrations.logging import LoggingIntegration
        from sentry_sdk.utils import BadDsn
    except ImportError as error:
        raise MissingPart("reports of defects need what trax-speech[sentry] installs") from error

    def before_send(event: Any, _hint: dict[str, Any]) -> Any:
        return without_words(event, part)

    try:
        sentry_sdk.init(
            dsn,
            release=f"trax@{__version__}",
            environment=environment,
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[LoggingIntegration(level=None)],
            include_local_variables=False,
            include_source_context=False,
            send_default_pii=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            auto_session_tracking=False,
            send_client_reports=False,
            before_send=before_send,
        )
    except BadDsn as error:
        raise InvalidOption("the address for reports is no DSN of Sentry") from error


def without_words(event: dict[str, Any], part: str) -> dict[str, Any] | None:
    """What may leave of an event; ``None`` if there is no error in it."""
    values = event.get("exception", {}).get("values", [])
    if not values:
        return None
    kept = {key: event[key] for key in _KEPT if key in event}
    errors = [_error(value) for value in values]
    return kept | {"exception": {"values": errors}, "tags": {"part": part, **current_ids()}}


def _error(value: dict[str, Any]) -> dict[str, Any]:
    frames = (value.get("stacktrace") or {}).get("frames", [])
    kept = [{key: frame[key] for key in _KEPT_OF_FRAMES if key in frame} for frame in frames]
    return {"type": value.get("type", ""), "value": "", "stacktrace": {"frames": kept}}
