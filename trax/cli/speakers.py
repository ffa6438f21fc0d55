"""``trax speakers``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, err, out, print_json
from trax.cli.suggesting import again, suggest

if TYPE_CHECKING:
    from trax.store import Profile

app = typer.Typer(rich_markup_mode="markdown")
app.command()(suggest)
app.command()(again)

_NAME = typer.Argument(help="Whose voice it is.")


@app.callback(invoke_without_command=True)
def speakers(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Manage known voices, so that transcripts name people.

    A profile holds a few hundred numbers that describe what a voice sounds like, never audio. A
    speaker stays "Speaker 1" below the similarity at which strangers were never confused in tests.
    Without a command, known voices are listed.

    **Examples**

    `trax speakers enroll "Anna Berg" anna.wav --consent "signed form, 2026-11-21"`

    `trax speakers enroll "Ben Ode" latest:SPEAKER_01 --consent "agreed by mail"`

    `trax speakers forget "Anna Berg"`
    """
    if not context.invoked_subcommand:
        list_(as_json=as_json)


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List known voices, as `trax speakers` alone does."""
    with edge():
        from trax.compose import process_workspace
        from trax.service import voices

        found = process_workspace().profiles.all()
        if as_json:
            print_json([voices.described(profile) for profile in found])
        elif found:
            _show(found)
        else:
            out().print(
                "No voices are known yet; "
                "`trax speakers enroll NAME FILE --consent TEXT` learns one."
            )


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
    """Learn a voice, or learn a known voice better. Ten seconds or more of speech are good.

    **Examples**

    `trax speakers enroll "Anna Berg" anna.wav --consent "signed form"`

    `trax speakers enroll "Ben Ode" 3f2a:SPEAKER_01 --consent "agreed by mail"`
    """
    with edge():
        from rich.markup import escape

        from trax.service.voices import GOOD_SPEECH

        profile = _enrolled(name, source, consent, diarizer)
        out().print(
            f"[bold]{escape(profile.name)}[/] is known, from {profile.seconds:.1f} s of speech"
        )
        if profile.seconds < GOOD_SPEECH:
            err().print(
                f"[yellow]warning:[/] {GOOD_SPEECH:g} s or more are better; enroll again with "
                "another recording"
            )


@app.command()
def rename(
    name: Annotated[str, _NAME], to: Annotated[str, typer.Argument(help="The new name.")]
) -> None:
    """Rename a voice, in transcripts too.

    **Example**

    `trax speakers rename "Ann" "Anna Berg"`
    """
    with edge():
        from rich.markup import escape

        from trax.compose import process_workspace
        from trax.service import voices

        voices.rename(process_workspace().profiles, name, to)
        out().print(f"{escape(name)} is now called [bold]{escape(to.strip())}[/]")


@app.command()
def merge(
    name: Annotated[str, _NAME],
    other: Annotated[
        str, typer.Argument(help="The same person's other name, which goes.", metavar="OTHER")
    ],
) -> None:
    """Merge two profiles of the same person.

    **Example**

    `trax speakers merge "Anna Berg" "A. Berg"`
    """
    with edge():
        from rich.markup import escape

        from trax.compose import process_workspace
        from trax.service import voices

        merged = voices.merge(process_workspace().profiles, name, other)
        out().print(
            f"{escape(merged.gone.name)} is [bold]{escape(merged.kept.name)}[/] now, "
            f"in {len(merged.transcripts)} transcripts too"
        )


@app.command()
def forget(
    name: Annotated[str, _NAME],
    made: Annotated[
        bool, typer.Option("--made", help="Remove what was made with it by `trax revoice`, too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a voice, and its name from every transcript.

    What was made with it by `trax revoice --person` is listed. Files that were exported or written
    before stay as they are.

    **Example**

    `trax speakers forget "Anna Berg"`
    """
    with edge():
        from rich.markup import escape

        from trax.compose import process_workspace
        from trax.service import voices
        from trax.service.borrowed import made_with, remove_made

        workspace = process_workspace()
        found = made_with(workspace, name)
        for job in found:
            out().print(f"{job.id}  {escape(job.name)} speaks in this voice")
        if not yes:
            typer.confirm(f"Forget the voice of {name}?", abort=True)
        if made:
            remove_made(workspace, found)  # while they are found by the name
        shown = voices.forget(workspace, name)
        out().print(f"{escape(name)} is forgotten, in {len(shown)} transcripts too")


@app.command()
def export(
    name: Annotated[str | None, typer.Argument(help="Whose voice; by default everybody's.")] = None,
    target: Annotated[
        Path | None, typer.Option("--out", "-o", help="A file; by default standard output.")
    ] = None,
) -> None:
    """Write stored voices as JSON: for the person who asks, or for another system.

    **Example**

    `trax speakers export "Anna Berg" -o anna.json`
    """
    with edge():
        import json

        from rich.markup import escape

        from trax.compose import process_workspace
        from trax.export.files import write_file
        from trax.service import voices

        profiles = process_workspace().profiles
        found = profiles.all() if name is None else [profiles.get(name)]
        plain = [voices.exported(profile) for profile in found]
        if target is None:
            print_json(plain)
        else:
            write_file(target, (json.dumps(plain, indent=1) + "\n").encode())
            err().print(f"{len(found)} written to {escape(str(target))}")


def _enrolled(name: str, source: str, consent: str, diarizer: str) -> "Profile":
    """The profile of *name*, learned from a file or from a speaker of a transcript."""
    from trax.compose import process_workspace
    from trax.errors import InvalidOption
    from trax.service import voices

    if not consent.strip():
        raise InvalidOption("say how they agreed to be recognised: --consent TEXT")
    workspace = process_workspace()
    if not Path(source).exists():
        reference, colon, speaker = source.rpartition(":")
        if not colon:
            raise InvalidOption(
                f"there is no file {source}, and it does not name a speaker as "
                "TRANSCRIPT:SPEAKER does"
            )
        return voices.enroll_speaker(workspace, name, consent, reference, speaker)

    from rich.markup import escape
    from rich.progress import Progress

    with Progress(console=err(), transient=True) as bar:
        task = bar.add_task(f"listening to {escape(Path(source).name)}", total=1.0)
        return voices.enroll_file(
            workspace,
            name,
            consent,
            Path(source),
            diarizer,
            lambda share: bar.update(task, completed=share),
        )


def _show(found: "Sequence[Profile]") -> None:
    """Profiles, a row each."""
    from rich.markup import escape

    from trax.cli.tables import moment, table

    rows = [
        (
            escape(each.name),
            f"{each.seconds:.0f} s",
            str(each.transcripts),
            escape(each.consent),
            moment(each.created_at),
            each.voice_model,
        )
        for each in found
    ]
    columns = ("name", "speech", "transcripts", "consent", "enrolled", "model")
    out().print(table(columns, rows, right=("speech", "transcripts")))
