"""``trax watch``."""

from typing import Annotated

import typer

from trax.cli.edge import edge


def watch(
    folder: Annotated[str, typer.Argument(help="Folder, or s3://bucket/prefix.")],
    once: Annotated[
        bool, typer.Option("--once", help="End when all that lies there is put away.")
    ] = False,
    parallel: Annotated[
        int, typer.Option("--parallel", "-p", help="Recordings at a time.", min=1, max=64)
    ] = 2,
    quiet: Annotated[
        float,
        typer.Option(
            help="Seconds for which a file must stay the same until it is taken to be whole.",
            min=0.0,
        ),
    ] = 5.0,
    submit: Annotated[
        bool,
        typer.Option(
            "--submit", help="Have a Prefect server's workers transcribe, not this process."
        ),
    ] = False,
) -> None:
    """Transcribe what is dropped in a folder, at once: transcripts lie beside the recording in
    `done/`; what cannot be transcribed goes to `failed/` with a text that says why.

    Files that still grow, or whose names end in .part, .tmp, .crdownload…, wait. The same content
    is transcribed once. Stop it at any time: it goes on where it was. `trax.toml` in the folder, or
    in a folder in it, says how recordings are transcribed: language, plan, model, speakers,
    min_speakers, max_speakers, formats, vocabulary, prompt, enhance, domain, glossary, translate,
    mask, diarizer, multilingual.

    **Examples**

    `trax watch recordings/`

    `trax watch s3://newsroom/incoming --parallel 4`

    `trax watch recordings/ --once` — the exit code says whether all went well

    `PREFECT_API_URL=http://127.0.0.1:4200/api trax watch /recordings --submit`
    """
    with edge():
        from trax.cli.watching import watch_folder

        raise typer.Exit(watch_folder(folder, parallel, quiet, once=once, submit=submit))
