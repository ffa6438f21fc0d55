"""``trax bench``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trax.cli.edge import edge, err, names, out, print_json

if TYPE_CHECKING:
    from trax.service.bench import PlanFigures

_COLUMNS = ("plan", "device", "seconds", "times real time", "processors", "memory", "WER", "DER")


def bench(
    plans: Annotated[str, typer.Option(help="Plans to measure, by commas.")] = "fast,balanced",
    file: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write a page in Markdown to this file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure this machine on the recording that Trax ships, in a few minutes.

    Speed, memory, and how right words and speakers are; beside figures that Trax ships, if it has
    any. Measures of words and speakers need `pip install 'trax-speech[score]'`.

    **Examples**

    `trax bench`

    `trax bench --plans fast,balanced,accurate --json`
    """
    with edge():
        from trax.compose import build_workspace
        from trax.export.files import write_file
        from trax.service.bench import kept_figures, measured
        from trax.settings import load_settings

        workspace = build_workspace(load_settings())
        found = list(_told(measured(workspace, names(plans, "plan"))))
        kept = kept_figures()
        if as_json:
            from trax.cli.tables import plain

            print_json(plain(found))
        elif file is not None:
            write_file(file, page(found, kept).encode())
            out().print(f"Wrote {file}", markup=False)
        else:
            from trax.cli.tables import table

            out().print(table(_COLUMNS, rows(found, kept), _COLUMNS[2:]))


def _told(figures: "Iterable[PlanFigures]") -> "Iterator[PlanFigures]":
    """Say that it takes a while."""
    with err().status("Measuring; nothing else should run meanwhile…"):
        yield from figures


def rows(
    found: "Sequence[PlanFigures]", kept: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, ...]]:
    """A row for each plan here, and one for the figures that are shipped."""
    from trax.cli.tables import plain

    for each in found:
        yield _row(each.plan, plain(each))
        if each.plan in kept:
            yield _row("  shipped figures", kept[each.plan])


def page(found: "Sequence[PlanFigures]", kept: Mapping[str, Mapping[str, Any]]) -> str:
    """The same as Markdown."""
    lines = [_line(_COLUMNS), "|" + " --- |" * len(_COLUMNS), *map(_line, rows(found, kept))]
    return "\n".join(["# This machine, measured by `trax bench`", "", *lines, ""])


def _row(name: str, figures: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        name,
        figures["device"],
        f"{figures['seconds']:.1f}",
        f"{figures['speed_factor']:.1f}",
        f"{figures['processors']:.1f}",
        f"{figures['peak_memory_bytes'] / 1e9:.1f} GB",
        _share(figures["wer"]),
        _share(figures["der"]),
    )


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1%}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
