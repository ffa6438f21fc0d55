"""What people write for options of recognition and enhancement, as values."""

import json
from pathlib import Path
from typing import Any

from trax.asr import PLANS
from trax.asr.vocabulary import read_terms
from trax.cli.edge import names
from trax.enhance import TASKS
from trax.errors import InvalidOption


def plan_options(plan: str) -> dict[str, Any]:
    """The options for the name of a plan, or for a JSON file that holds a list of passes.

    Raises:
        InvalidOption: it is neither.
    """
    if plan in PLANS:
        return {"plan": plan}
    path = Path(plan)
    if path.suffix != ".json":
        raise InvalidOption(
            f"--plan: there is no plan {plan!r}; plans are {', '.join(PLANS)}, or a .json file"
        )
    try:
        return {"passes": json.loads(path.read_text(encoding="utf-8"))}
    except OSError as error:
        raise InvalidOption(f"the plan {plan} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InvalidOption(f"the plan {plan} is no JSON ({error})") from error


def terms(listed: str, path: Path | None) -> tuple[str, ...]:
    """Terms by commas and from a file, each once."""
    given = (term.strip() for term in listed.split(","))
    read = () if path is None else read_terms(path)
    return tuple(dict.fromkeys((*filter(None, given), *read)))


def tasks(listed: str, translate: str) -> list[str]:
    """The tasks that are listed by commas; ``none`` are none.

    Raises:
        InvalidOption: there is no such task.
    """
    wanted = [] if listed.strip() == "none" else names(listed, "task, or none")
    for name in wanted:
        if name not in TASKS:
            raise InvalidOption(
                f"--enhance: there is no task {name!r}; tasks are {', '.join(TASKS)}, none"
            )
    if translate:
        wanted.append("translate")
    return wanted
