"""What runs are called."""

from collections.abc import Callable
from functools import cache
from typing import Any

from coolname.data import config
from prefect.runtime import flow_run


def named_by(parameter: str) -> Callable[[], str]:
    """The name of a run: what somebody has called it, else the value of *parameter*."""
    return lambda: _given_or(str(flow_run.get_parameters().get(parameter) or ""))


def named(name: str) -> Callable[[], str]:
    """The name of a run: what somebody has called it, else *name*."""
    return lambda: _given_or(name)


def _given_or(name: str) -> str:
    given = str(flow_run.get_name() or "")
    return given if given and not (name and _is_made_up(given)) else name


def _is_made_up(name: str) -> bool:
    """Whether Prefect has made up a name, such as crimson-otter."""
    words = name.split("-")
    return len(words) == 2 and _known_words().issuperset(words)


@cache
def _known_words() -> frozenset[str]:
    """The words that Prefect's names are made of."""
    lists: dict[str, Any] = dict(config)
    words = (rules.get("words", ()) for rules in lists.values())
    return frozenset(word for some in words for word in some if isinstance(word, str))
