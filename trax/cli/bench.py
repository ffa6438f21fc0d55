"""``trax bench``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trax.cli.edge import edge, err, names, out, print_json

if TYPE_CHECKING:
    from trax.service.bench import PlanFigures

_EXCLUSIVE = (("as_json", "file"),)
_COLUMNS = ("plan", "device", "seconds", "times real time", "processors", "memory", "WER", "DER")


def bench(
    context: typer.Context,
    plans: Annotated[str, typer.Option(help="Plans to measure, by commas.")] = "fast,balanced",
    file: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write a page in Markdown to this file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure this machine on the recording that Trax ships, in a few minutes.

    Speed, memory, and how right words and speakers are, of each plan with its models loaded anew;
    beside figures that Trax ships, if it has any. Measures of words and speakers need
    `pip install 'trax-speech[score]'`.

    **Examples**

    `trax bench`

    `trax bench --plans fast,balanced,accurate --json`
    """
    with edge():
        from trax.cli.given import exclusive
        from trax.compose import build_workspace
        from trax.export.files import write_file
        from trax.service.bench import kept_figures, measured
        from trax.settings import load_settings

        exclusive(context, _EXCLUSIVE)
        _check(file)
        kept = kept_figures()
        make = partial(build_workspace, load_settings())
        found = list(_told(measured(make, names(plans, "plan"))))
        if as_json:
            print_json(compared(found, kept))
        elif file is not None:
            write_file(file, page(found, kept).encode())
            out().print(f"Wrote {file}", markup=False)
        else:
            from trax.cli.tables import table

            out().print(table(_COLUMNS, rows(found, kept), _COLUMNS[2:]))


def _check(file: Path | None) -> None:
    """Refuse a page that could not be written, before minutes are spent on it.

    Raises:
        InvalidOption: its folder is missing, or it is one.
    """
    from trax.errors import InvalidOption

    if file is not None and (file.is_dir() or not file.parent.is_dir()):
        raise InvalidOption(f"--out must name a file in a folder that exists, not {file}")


def _told(figures: "Iterable[PlanFigures]") -> "Iterator[PlanFigures]":
    """Say that it takes a while."""
    with err().status("Measuring; nothing else should run meanwhile…"):
        yield from figures


def compared(
    found: "Iterable[PlanFigures]", kept: "Mapping[str, PlanFigures]"
) -> list[dict[str, Any]]:
    """The figures of each plan here, with those that are ``shipped``; ``None`` if there are
    none.
    """
    from trax.cli.tables import plain

    return [plain(each) | {"shipped": plain(kept.get(each.plan))} for each in found]


def rows(
    found: "Iterable[PlanFigures]", kept: "Mapping[str, PlanFigures]"
) -> Iterator[tuple[str, ...]]:
    """A row for each plan here, and one for the figures that are shipped."""
    for each in found:
        yield _row(each.plan, each)
        if each.plan in kept:
            yield _row("  shipped figures", kept[each.plan])


def page(found: "Sequence[PlanFigures]", kept: "Mapping[str, PlanFigures]") -> str:
    """The same as Markdown."""
    lines = [_line(_COLUMNS), "|" + " --- |" * len(_COLUMNS), *map(_line, rows(found, kept))]
    return "\n".join(["# This machine, measured by `trax bench`", "", *lines, ""])


def _row(name: str, figures: "PlanFigures") -> tuple[str, ...]:
    return (
        name,
        figures.device,
        f"{figures.seconds:.1f}",
        f"{figures.speed_factor:.1f}",
        f"{figures.processors:.1f}",
        f"{figures.peak_memory_bytes / 1e9:.1f} GB",
        _share(figures.wer),
        _share(figures.der),
    )


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1%}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
