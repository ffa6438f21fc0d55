"""Results as dated JSON and a Markdown table."""

import json
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
_PACKAGES = ("faster-whisper", "ctranslate2", "pyannote.audio", "torch", "prefect", "numpy")

Row = dict[str, str | float | int]


def write(
    name: str,
    rows: Sequence[Row],
    notes: Sequence[str] = (),
    recordings: Sequence[dict[str, Any]] = (),
) -> Path:
    """Write ``results/<date>-<name>.json`` and ``.md``; print the table. Gives the JSON's path.

    Figures of single *recordings* go to the JSON alone.
    """
    RESULTS.mkdir(exist_ok=True)
    day = datetime.now(UTC).date().isoformat()
    versions = {package: version(package) for package in _PACKAGES}
    document = {
        "benchmark": name,
        "date": day,
        "processor": platform.machine(),
        "python": platform.python_version(),
        "versions": versions,
        "notes": list(notes),
        "rows": list(rows),
        "recordings": list(recordings),
    }
    path = RESULTS / f"{day}-{name}.json"
    path.write_text(json.dumps(document, indent=1) + "\n")
    text = "\n".join(
        [
            f"# {name}, {day}",
            "",
            *table(rows),
            "",
            *(f"- {note}" for note in notes),
            "",
            _listed(versions),
            "",
        ]
    )
    path.with_suffix(".md").write_text(text)
    print(text)
    return path


def write_figures(name: str, figures: Mapping[str, object], notes: Sequence[str] = ()) -> Path:
    """The same of single *figures*, a row each."""
    rows: list[Row] = [{"figure": each, "value": str(value)} for each, value in figures.items()]
    return write(name, rows, notes)


def table(rows: Sequence[Row]) -> list[str]:
    """Rows as Markdown lines."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return lines + [
        "| " + " | ".join(_cell(row.get(column, "")) for column in columns) + " |" for row in rows
    ]


def _cell(value: str | float | int) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _listed(versions: dict[str, str]) -> str:
    return "Versions: " + ", ".join(f"{name} {number}" for name, number in versions.items())
