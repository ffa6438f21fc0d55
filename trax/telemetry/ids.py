"""The ids of the request and the job that code runs for."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_ids: ContextVar[Mapping[str, str]] = ContextVar("trax_ids", default={})  # noqa: B039 - never changed


@contextmanager
def bound(**ids: str) -> Iterator[None]:
    """Have logs, traces and reports of the block name *ids*, such as ``job`` and ``request``."""
    outer = _ids.set({**_ids.get(), **ids})
    try:
        yield
    finally:
        _ids.reset(outer)


def current_ids() -> Mapping[str, str]:
    """The ids that are bound."""
    return _ids.get()
