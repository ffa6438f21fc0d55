"""Adapters on the terminal: what each is worth, and how it came to be."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trax.cli.edge import err, out

if TYPE_CHECKING:
    from pathlib import Path

    from trax.adapters.card import AdapterCard, Judgement
    from trax.pipelines.adapt import Adapted
    from trax.service.teaching import Corrections

_FEW_LISTED = 5  # recordings set aside and changed examples that are named


def show_result(made: "Adapted") -> None:
    """What a job made, and whether it is installed."""
    from rich.markup import escape

    found = made.gathered
    out().print(
        f"{found.learnt} examples learnt from, {found.judged} judged by, {found.general} of "
        f"general speech; {len(found.set_aside)} set aside"
    )
    for each in found.set_aside[:_FEW_LISTED]:
        out().print(f"  [dim]{escape(each.place)}: {escape(each.reason)}[/]")
    judgement = made.card.judgement
    if judgement is not None:
        show_judgement(judgement)
    if made.is_installed:
        card = made.card
        out().print(
            f"[bold]{card.name}[/] version {card.version} for {card.base} is installed; "
            f"`trax transcribe FILE --adapter {card.name}` reads with it"
        )
    else:
        err().print("[bold yellow]not installed[/]")


def show_corrections(
    found: "Corrections", added: "Sequence[str]", vocabulary: "Path | None"
) -> None:
    """How much was corrected, and what terms are proposed or were *added* to a vocabulary."""
    from rich.markup import escape

    if not found.transcripts:
        out().print(
            "Nothing to learn from: correct transcripts, and write `learn = true` into trax.toml "
            "beside their recordings."
        )
        return
    out().print(
        f"{found.words} words corrected or confirmed in {found.lines} lines of "
        f"{len(found.transcripts)} transcripts, {found.seconds / 60:.1f} minutes"
    )
    if found.terms:
        terms = ", ".join(escape(term.text) for term in found.terms)
        out().print(f"terms: {terms}")
    if vocabulary is not None:
        out().print(f"{len(added)} terms added to {escape(str(vocabulary))}")
    missing = found.lines_needed - found.lines
    if missing > 0:
        out().print(f"an adapter needs {missing} more lines")
    elif found.obstacle:
        out().print(escape(found.obstacle))


def show_list(cards: "Sequence[AdapterCard]") -> None:
    """A table of adapters."""
    from rich.markup import escape

    from trax.cli.tables import moment, table

    rows = []
    for card in cards:
        judged = card.judgement
        before = f"{100 * judged.domain['base'].rate:.1f} %" if judged else ""
        after = f"{100 * judged.domain['adapter'].rate:.1f} %" if judged else ""
        rows.append(
            (
                escape(card.name),
                card.base,
                str(card.version),
                before,
                after,
                f"{card.seconds / 60:.0f} min",
                f"{card.size_bytes / 1e6:.1f} MB",
                moment(card.created_at),
                escape(card.description),
            )
        )
    columns = (
        "name",
        "base",
        "version",
        "WER without",
        "with",
        "learnt from",
        "size",
        "made",
        "description",
    )
    right = ("version", "WER without", "with", "learnt from", "size")
    out().print(table(columns, rows, right=right))


def show_card(card: "AdapterCard") -> None:
    """All that is known of one adapter."""
    from rich.markup import escape

    out().print(f"[bold]{escape(card.name)}[/] version {card.version} for {card.base}")
    if card.description:
        out().print(escape(card.description))
    out().print(
        f"{card.seconds / 60:.0f} min of its speech; {len(card.recordings)} recordings in all; "
        f"{card.size_bytes / 1e6:.1f} MB; licence: {escape(card.licence or 'not said')}"
    )
    if card.losses:
        shown = ", ".join(f"{loss:.2f}" for loss in _tenths(card.losses))
        out().print(f"loss over {len(card.losses)} steps: {shown}")
    if card.judgement is not None:
        show_judgement(card.judgement)


def _tenths(losses: "Sequence[float]") -> list[float]:
    """The mean loss of each tenth of the steps."""
    size = max(1, len(losses) // 10)
    parts = [losses[at : at + size] for at in range(0, len(losses), size)]
    return [sum(part) / len(part) for part in parts]


def show_judgement(judgement: "Judgement") -> None:
    """What an adapter is worth, with examples before and after."""
    from rich.markup import escape

    from trax.cli.tables import table

    rows = [("domain", *_cells(name, each)) for name, each in judgement.domain.items()]
    rows += [("general", *_cells(name, each)) for name, each in judgement.general.items()]
    columns = ("speech", "read with", "words", "WER", "terms right")
    out().print(table(columns, rows, right=("words", "WER", "terms right")))
    gain = judgement.gain
    out().print(
        f"gain {100 * gain.value:.1f} points, 95 % interval {100 * gain.low:.1f} to "
        f"{100 * gain.high:.1f}"
    )
    if judgement.strength < 1:
        out().print(f"general speech allows {judgement.strength:.0%} of what was learnt")
    for point in judgement.curve:
        out().print(f"with {point.share:.0%} of the examples: WER {100 * point.rate:.1f} %")
    for sample in judgement.samples[:_FEW_LISTED]:
        out().print(f"  said:   {escape(sample.said)}")
        out().print(f"  before: [red]{escape(sample.before)}[/]")
        out().print(f"  after:  [green]{escape(sample.after)}[/]")
    for warning in judgement.warnings:
        err().print(f"[yellow]warning:[/] {warning}")
    for refusal in judgement.refusals:
        err().print(f"[bold red]refused:[/] {refusal}")


def _cells(name: str, each: Any) -> tuple[str, str, str, str]:
    terms = f"{each.terms_right / each.terms_said:.0%}" if each.terms_said else ""
    return name, str(each.words), f"{100 * each.rate:.1f} %", terms
