"""What runs are called."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from coolname.data import config
from prefect.runtime import flow_run

_GREEK = re.compile(
    "(alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|omicron|pi|rho|sigma"
    r"|tau|upsilon|phi|chi|psi|omega)\d+"
)
"""How a name begins that the form made up; without a number somebody may have meant it."""


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
    """Whether Prefect made a name up: crimson-otter, or in its form upsilon6-zacpeten-anomaly."""
    words = name.split("-")
    if len(words) == 2 and _known_words().issuperset(words):
        return True
    return len(words) > 1 and bool(_GREEK.fullmatch(words[0])) and name == name.lower()


@cache
def _known_words() -> frozenset[str]:
    """The words that Prefect's names are made of."""
    lists: dict[str, Any] = dict(config)
    words = (rules.get("words", ()) for rules in lists.values())
    return frozenset(word for some in words for word in some if isinstance(word, str))
