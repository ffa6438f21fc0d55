"""What the command line says of recognition: plans and vocabulary."""

import json
from pathlib import Path
from typing import Any

from trax.asr import PLANS
from trax.asr.vocabulary import read_terms
from trax.errors import InvalidOption


def plan_options(plan: str) -> dict[str, Any]:
    """The options for a ready plan's name, or for a JSON file that holds a list of passes.

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
    given = tuple(term.strip() for term in listed.split(",") if term.strip())
    return tuple(dict.fromkeys((*given, *(read_terms(path) if path is not None else ()))))
