"""JSON on its way into a database."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JsonText:
    """JSON that is written already, and goes into its column as it is."""

    text: str


def serialized(value: object) -> str:
    """What a column for JSON is given."""
    return value.text if isinstance(value, JsonText) else json.dumps(value, ensure_ascii=False)
