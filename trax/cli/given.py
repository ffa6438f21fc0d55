"""Which of a command's parameters were given, and which do not go together."""

from collections.abc import Iterable, Sequence
from typing import Any

import typer

from trax.errors import InvalidOption


def exclusive(context: typer.Context, groups: Iterable[Sequence[str]]) -> None:
    """Refuse a command line with two parameters of one of *groups*.

    Args:
        groups: names of parameters, as the command's function has them.

    Raises:
        InvalidOption: two were given.
    """
    given = _given(context)
    for group in groups:
        found = [given[name] for name in group if name in given]
        if len(found) > 1:
            raise InvalidOption(f"{found[0]} and {found[1]} exclude each other")


def needed(context: typer.Context, name: str, by: Sequence[str]) -> None:
    """Refuse a command line with one of *by*, but without the parameter *name*.

    Raises:
        InvalidOption: it is missing.
    """
    given = _given(context)
    if name in given:
        return
    for each in by:
        if each in given:
            raise InvalidOption(f"{given[each]} needs {_shown(context)[name]}")


def _given(context: typer.Context) -> dict[str, str]:
    """What was given and is not empty, by name, as people write it."""
    return {
        name: shown
        for name, shown in _shown(context).items()
        if _is_given(context, name) and context.params[name] not in ("", None)
    }


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _shown(context: typer.Context) -> dict[str, str]:
    parameters = [each for each in context.command.params if each.name in context.params]
    return {str(each.name): _as_written(each) for each in parameters}


def _as_written(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    return next(str(each) for each in parameter.opts if each.startswith("--"))
