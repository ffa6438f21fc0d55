"""``trax adapt``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trax.cli.adapter_views import show_card, show_judgement, show_list, show_result
from trax.cli.edge import edge, err, out, print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from trax.pipelines.adapt import Adapted
    from trax.stages.adapt_options import AdaptOptions
    from trax.work.workspace import Workspace

    Make = Callable[[Workspace, AdaptOptions], Adapted]

app = typer.Typer(rich_markup_mode="markdown")

_NAME = typer.Argument(help="What the adapter is called.")
_BASE = typer.Option("--base", help="The model that it is for; needed if there are several.")
_JSON = typer.Option("--json", help="Print JSON.")


@app.callback(invoke_without_command=True)
def adapt(context: typer.Context, as_json: Annotated[bool, _JSON] = False) -> None:
    """Teach recognition how your people speak, and manage what it has learnt.

    An adapter is a small file that is made from recordings with the right text, and that a
    recognition model reads with. It is installed only if it reads speech that it has not learnt
    from better, and other speech no worse. Without a command, adapters are listed.

    **Examples**

    `trax adapt train ward-3 dictations/ --general samples/`

    `trax transcribe round.mp3 --adapter ward-3`

    `trax adapt show ward-3`
    """
    if not context.invoked_subcommand:
        list_(as_json=as_json)


@app.command()
def train(
    name: Annotated[str, _NAME],
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Folders with recordings and their text, or lists of them.", metavar="FROM..."
        ),
    ],
    general: Annotated[
        list[str] | None,
        typer.Option(
            "--general", help="Other speech with its text, against forgetting; may be repeated."
        ),
    ] = None,
    base: Annotated[
        list[str] | None,
        typer.Option(
            "--base",
            help="Model that learns; may be repeated. By default the larger one of the plan "
            "`balanced`.",
        ),
    ] = None,
    language: Annotated[str, typer.Option(help="Of recordings that do not say theirs.")] = "en",
    description: Annotated[str, typer.Option(help="Of the domain, in a sentence.")] = "",
    licence: Annotated[str, typer.Option(help="Under which the adapter may be passed on.")] = "",
    rounds: Annotated[
        float | None, typer.Option(help="How often each example is learnt from.")
    ] = None,
    rank: Annotated[int | None, typer.Option(help="Of the LoRA matrices.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="At its highest.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of all that is drawn by lot.")] = None,
    curve: Annotated[
        bool,
        typer.Option(help="If no gain is certain, find out what less data would have brought."),
    ] = True,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Make an adapter from recordings with their text.

    A folder has a list (`manifest.json`, `metadata.csv` or `.jsonl` with a file and its text in
    each entry, as Hugging Face's datasets have), or the text beside each recording: a transcript
    of Trax, `.stm`, `.vtt`, `.srt` or `.txt`. `transcript:ID` takes the lines of a transcript here
    in which somebody corrected or confirmed a word, `corrections:FOLDER` those of all transcripts
    of recordings in a folder that consents. Texts that are not what is heard are set aside and
    listed. Interrupted, it goes on where it was when it is run again.

    **Examples**

    `trax adapt train ward-3 dictations/ --general podcasts/ --description "Ward rounds"`

    `trax adapt train orders orders/manifest.json --base tiny.en --base base`

    `trax adapt train names transcript:latest transcript:3f2a`
    """
    with edge():
        from trax.service.checks import checked
        from trax.stages.adapt_options import AdaptOptions

        recipe: dict[str, Any] = {
            "rounds": rounds,
            "rank": rank,
            "learning_rate": learning_rate,
            "seed": seed,
        }
        values = {
            "name": name,
            "sources": [_absolute(source) for source in sources],
            "general": [_absolute(source) for source in general or []],
            "language": language,
            "description": description,
            "licence": licence,
            "recipe": {key: value for key, value in recipe.items() if value is not None},
            "curve": curve,
        }
        wanted = [checked(AdaptOptions, {**values, "base": each}) for each in base or ["auto"]]
        made = [_made(options, quiet=as_json) for options in wanted]
        if as_json:
            print_json([_described(each) for each in made])
        if not all(each.is_installed for each in made):
            raise typer.Exit(1)


@app.command("list")
def list_(as_json: Annotated[bool, _JSON] = False) -> None:
    """List adapters, as `trax adapt` alone does."""
    with edge():
        from trax.compose import process_workspace

        cards = process_workspace().shelf.all()
        if as_json:
            print_json([card.model_dump(mode="json", exclude={"losses"}) for card in cards])
        elif cards:
            show_list(cards)
        else:
            out().print("No adapters yet; `trax adapt train NAME FOLDER` makes one.")


@app.command()
def show(
    name: Annotated[str, _NAME],
    base: Annotated[str, _BASE] = "",
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Show what an adapter is worth, how it learnt, and examples before and after.

    **Example**

    `trax adapt show ward-3`
    """
    with edge():
        from trax.compose import process_workspace
        from trax.service.adapters import card_of

        card = card_of(process_workspace(), name, base)
        if as_json:
            print_json(card.model_dump(mode="json"))
        else:
            show_card(card)


@app.command("judge")
def judge_(
    name: Annotated[str, _NAME],
    sources: Annotated[
        list[Path],
        typer.Argument(
            help="Folders with recordings and their text that it has not learnt from.",
            metavar="FROM...",
        ),
    ],
    general: Annotated[
        list[Path] | None, typer.Option("--general", help="Other speech with its text.")
    ] = None,
    base: Annotated[str, _BASE] = "",
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Judge an adapter by other recordings; nothing is changed.

    **Example**

    `trax adapt judge ward-3 more-dictations/`
    """
    with edge():
        from rich.progress import Progress

        from trax.compose import process_workspace
        from trax.service import adapters

        workspace = process_workspace()
        card = adapters.card_of(workspace, name, base)
        with Progress(console=err(), transient=True) as bar:
            task = bar.add_task("judging", total=1.0)
            judgement = adapters.judged_again(
                workspace,
                card,
                sources,
                general or [],
                lambda share: bar.update(task, completed=share),
            )
        if as_json:
            print_json(judgement.model_dump(mode="json"))
        else:
            show_judgement(judgement)


@app.command()
def remove(
    name: Annotated[str, _NAME],
    base: Annotated[str, _BASE] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove an adapter; transcripts that were read with it stay.

    **Example**

    `trax adapt remove ward-3`
    """
    with edge():
        from trax.compose import process_workspace
        from trax.service import adapters

        if not yes:
            typer.confirm(f"Remove the adapter {name}?", abort=True)
        for card in adapters.remove(process_workspace(), name, base):
            out().print(f"{card.name} for {card.base} is removed")


@app.command()
def export(
    name: Annotated[str, _NAME],
    target: Annotated[Path | None, typer.Option("--out", "-o", help="The file.")] = None,
    base: Annotated[str, _BASE] = "",
) -> None:
    """Write an adapter into a ZIP file, which `trax adapt import` takes, and peft once unpacked.

    **Example**

    `trax adapt export ward-3 -o ward-3.zip`
    """
    with edge():
        from rich.markup import escape

        from trax.compose import process_workspace
        from trax.service import adapters

        workspace = process_workspace()
        card = adapters.card_of(workspace, name, base)
        file = target or Path(f"{name}.zip")
        adapters.export(workspace, card, file)
        size = f"{card.size_bytes / 1e6:.1f} MB"
        out().print(f"{escape(str(file))}: {card.name} for {card.base}, {size}")


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="A file that `trax adapt export` wrote.")],
    name: Annotated[str, typer.Option(help="What it is called here, if not as it was.")] = "",
) -> None:
    """Install an adapter from a file.

    **Example**

    `trax adapt import ward-3.zip`
    """
    with edge():
        from trax.compose import process_workspace
        from trax.service import adapters

        card = adapters.imported(process_workspace(), source, name)
        out().print(f"[bold]{card.name}[/] for {card.base} is installed, version {card.version}")


@app.command()
def corrections(
    folder: Annotated[
        Path, typer.Argument(help="Recordings lie in it or below it.", metavar="[FOLDER]")
    ] = Path(),
    add: Annotated[
        Path | None,
        typer.Option(
            "--add", help="Vocabulary file to add the terms to, such as FOLDER/vocabulary.txt."
        ),
    ] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Show what people corrected in transcripts that may be learnt from: terms, and how much.

    Those are transcripts of recordings beside which a file `trax.toml` says `learn = true`. Terms
    in a vocabulary help at once; an adapter needs more.

    **Examples**

    `trax adapt corrections dictations/ --add dictations/vocabulary.txt`

    `trax adapt train ward-3 corrections:dictations/`
    """
    with edge():
        from dataclasses import asdict

        from trax.asr.vocabulary import add_terms
        from trax.cli.adapter_views import show_corrections
        from trax.compose import process_workspace
        from trax.service.teaching import corrections_in

        found = corrections_in(process_workspace(), folder.expanduser().resolve())
        added = add_terms(add, [term.text for term in found.terms]) if add else ()
        if as_json:
            print_json(asdict(found) | {"added": list(added)})
        else:
            show_corrections(found, added, add)


@app.command()
def again(
    name: Annotated[str, _NAME],
    without: Annotated[
        str, typer.Option("--without", help="Recording by its SHA-256 or the beginning of it.")
    ],
    base: Annotated[str, _BASE] = "",
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Make an adapter again without a recording that it has learnt from.

    It takes the place of the one that is there, of which nothing is left then, if it is worth
    being installed. What it was made from has to be there still.

    **Example**

    `trax adapt again ward-3 --without 3f2a9c01`
    """
    with edge():
        from functools import partial

        from trax.compose import process_workspace
        from trax.service import adapters
        from trax.service.teaching import options_again

        workspace = process_workspace()
        card = adapters.card_of(workspace, name, base)
        recording = adapters.learnt_from(card, without)
        options = options_again(workspace, card, recording)
        made = _made(options, quiet=as_json, make=partial(adapters.made_again, card=card))
        if as_json:
            print_json(_described(made))
        if not made.is_installed:
            raise typer.Exit(1)


def _absolute(source: str) -> str:
    kind, mark, place = source.partition(":")
    if mark and kind == "transcript":
        return source
    if mark and kind == "corrections":
        return f"corrections:{Path(place).expanduser().resolve()}"
    return str(Path(source).expanduser().resolve())


def _made(options: Any, *, quiet: bool, make: "Make | None" = None) -> "Adapted":
    """The adapter, made with its progress on the terminal."""
    from trax.cli.bars import LiveReporter
    from trax.compose import process_workspace
    from trax.pipelines.adapt import ADAPT
    from trax.progress import reporting, silent
    from trax.service import adapters

    made_by = make or adapters.make
    if quiet:
        with reporting(silent):
            return made_by(process_workspace(), options)
    title = f"{options.name} ({options.base})"
    with LiveReporter(title, stages=ADAPT.names) as reporter, reporting(reporter):
        result = made_by(process_workspace(), options)
    show_result(result)
    return result


def _described(made: "Adapted") -> dict[str, Any]:
    return {
        "job": made.job_id,
        "installed": made.is_installed,
        "adapter": made.card.model_dump(mode="json"),
        "gathered": made.gathered.model_dump(mode="json"),
    }
