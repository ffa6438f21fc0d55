"""``trax speakers``."""

from pathlib import Path
from typing import Annotated

import typer

from trax.cli.edge import edge

app = typer.Typer(rich_markup_mode="markdown")

_NAME = typer.Argument(help="Whose voice it is.")


@app.callback(invoke_without_command=True)
def speakers(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Known voices: whose they are, so that transcripts name people. Alone, it lists them.

    A profile holds a few hundred numbers that say what a voice sounds like, never audio. Below the
    similarity at which strangers were never taken for one another in tests, a speaker stays
    "Speaker 1".

    **Examples**

    `trax speakers enroll "Anna Berg" anna.wav --consent "signed form, 2026-11-21"`

    `trax speakers enroll "Ben Ode" latest:SPEAKER_01 --consent "agreed by mail"`

    `trax speakers forget "Anna Berg"`
    """
    if context.invoked_subcommand:
        return
    with edge():
        from trax.cli.voices import list_voices

        list_voices(as_json=as_json)


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """List known voices, as `trax speakers` alone does."""
    with edge():
        from trax.cli.voices import list_voices

        list_voices(as_json=as_json)


@app.command()
def enroll(
    name: Annotated[str, _NAME],
    source: Annotated[
        str,
        typer.Argument(
            help="A recording of that person alone, or TRANSCRIPT:SPEAKER, such as "
            "`latest:SPEAKER_01`.",
            metavar="FILE|TRANSCRIPT:SPEAKER",
        ),
    ],
    consent: Annotated[
        str, typer.Option(help="How they agreed to be recognised; kept with the date.")
    ],
    diarizer: Annotated[
        str, typer.Option(help="Diarization model; `trax models` lists them.")
    ] = "auto",
) -> None:
    """Learn a voice; a name that is known already is learned better. Ten seconds or more of speech
    are good.

    **Examples**

    `trax speakers enroll "Anna Berg" anna.wav --consent "signed form"`

    `trax speakers enroll "Ben Ode" 3f2a:SPEAKER_01 --consent "agreed by mail"`
    """
    with edge():
        from trax.cli.voices import enroll_voice

        enroll_voice(name, source, consent, diarizer)


@app.command()
def rename(
    name: Annotated[str, _NAME], to: Annotated[str, typer.Argument(help="The new name.")]
) -> None:
    """Call somebody otherwise, in their transcripts too.

    **Example**

    `trax speakers rename "Ann" "Anna Berg"`
    """
    with edge():
        from trax.cli.voices import rename_voice

        rename_voice(name, to)


@app.command()
def merge(
    name: Annotated[str, _NAME],
    other: Annotated[
        str, typer.Argument(help="The same person under another name, which goes.", metavar="OTHER")
    ],
) -> None:
    """Make one of two profiles of the same person.

    **Example**

    `trax speakers merge "Anna Berg" "A. Berg"`
    """
    with edge():
        from trax.cli.voices import merge_voices

        merge_voices(name, other)


@app.command()
def forget(
    name: Annotated[str, _NAME],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a voice, and its name from every transcript. Files that were exported before stay as
    they are.

    **Example**

    `trax speakers forget "Anna Berg"`
    """
    with edge():
        from trax.cli.voices import forget_voice

        if not yes:
            typer.confirm(f"Forget the voice of {name}?", abort=True)
        forget_voice(name)


@app.command()
def export(
    name: Annotated[str | None, typer.Argument(help="Whose voice; all where left out.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A file; standard output where left out.")
    ] = None,
) -> None:
    """Write what is kept of voices as JSON: for the person who asks, or for another system.

    **Example**

    `trax speakers export "Anna Berg" -o anna.json`
    """
    with edge():
        from trax.cli.voices import export_voices

        export_voices(name, out)
