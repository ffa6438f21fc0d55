"""``trax revoice`` on what there is: where a file is from, before and after, stock voices."""

from pathlib import Path

from trax.cli.edge import err, print_json
from trax.cli.edge import out as console


def check(path: Path, *, as_json: bool) -> int:
    """Say whether voices were replaced in a file; the exit code is 0 if so, else 1."""
    from dataclasses import asdict

    from rich.markup import escape

    from trax.compose import process_workspace
    from trax.service.revoicing import IS_MARKED, origin_of

    found = origin_of(process_workspace(), path)
    if as_json:
        print_json({**asdict(found), "ours": found.is_ours})
        return 0 if found.is_ours else 1
    if found.facts is not None:
        facts = ", ".join(f"{name} {value}" for name, value in found.facts.items())
        console().print(f"the file says that its voices were replaced: {escape(facts)}")
    if found.forgotten:
        console().print("a voice in it was forgotten since: delete the file, or ask its owner")
    if found.mark is not None:
        enough = f"({IS_MARKED:g} and more means yes)"
        console().print(f"watermark of synthetic speech: {found.mark:.2f} {enough}")
    elif found.without:
        err().print(
            f"[yellow]warning:[/] the watermark was not looked for: {escape(found.without)}"
        )
    if not found.is_ours:
        console().print("nothing says that Trax replaced voices in it")
    return 0 if found.is_ours else 1


def list_voices(*, as_json: bool) -> None:
    """List stock voices."""
    from trax.cli.tables import table
    from trax.compose import process_workspace

    found = process_workspace().engines.voices.synthesiser().voices
    rows = [(each.name, each.language, each.description) for each in found]
    columns = ("name", "language", "voice")
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        console().print(table(columns, rows))


def compare(reference: str, target: Path | None, *, as_json: bool) -> None:
    """Write a folder in which each utterance is heard before and after."""
    from rich.markup import escape

    from trax.compose import process_workspace
    from trax.service import comparing

    made = comparing.compare(process_workspace(), reference, target)
    if as_json:
        print_json({"page": str(made.page), "utterances": made.utterances})
        return
    count = made.utterances
    console().print(f"{count} utterance{'s' * (count != 1)} before and after:")
    console().print(f"  {escape(str(made.page))}")
