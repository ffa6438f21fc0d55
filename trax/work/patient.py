"""Stores that are waited for while they are away."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from inspect import ismethod
from typing import Any, cast

from trax.work.retry import patiently
from trax.work.workspace import Store, Workspace


def patient(workspace: Workspace) -> Workspace:
    """A workspace whose stores are waited for, as `patiently` does, at every call.

    For work on a job: what it has computed stays on this machine until its stores are back, and
    nothing is computed again because one was away.
    """
    if workspace.handed is waited_for:
        return workspace
    return replace(workspace, objects=waited_for(workspace.objects), handed=waited_for)


def waited_for(store: Store, /) -> Store:
    """A store like *store* whose methods wait for it while it is away."""
    return cast(Store, _Patient(store))


class _Patient:
    """Has the attributes of another object, with each method called until its store answers."""

    def __init__(self, store: object) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        return partial(_call, found) if ismethod(found) else found


def _call(method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    return patiently(partial(method, *arguments, **named))
