"""``trax live``."""

import signal
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from trax.cli.edge import edge, err, finite, names, out

if TYPE_CHECKING:
    from trax.live.options import LiveOptions
    from trax.live.session import LiveSession

_EPILOG = """
**Examples**

`trax live --microphone` — captions of what the microphone hears; Ctrl-C ends them

`trax live https://example.org/stream.m3u8 --hotwords "Cintra, Lord Byron"`

`trax live meeting.wav` — a file, as fast as it was recorded

`trax live --microphone --plan accurate --format docx,srt`
"""

_TIDYING = ("left_over", "discard")
_HEARD = ("source", "microphone", "device", "language", "model", "hotwords", "vocabulary", "speed")
_MADE = ("no_speakers", "plan", "captions_only", "formats", "folder")
_EXCLUSIVE = (
    _TIDYING,
    *product(_TIDYING, _HEARD + _MADE),
    ("source", "microphone"),
    ("source", "device"),
    ("microphone", "speed"),
    *(("captions_only", each) for each in ("plan", "formats", "folder")),
)


def live(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(help="A file, or the URL of a stream.", metavar="FILE_OR_URL")
    ] = "",
    microphone: Annotated[
        bool, typer.Option("--microphone", "-m", help="Hear this machine's microphone.")
    ] = False,
    device: Annotated[
        str, typer.Option(help="Which microphone, as FFmpeg calls it, such as hw:1.")
    ] = "",
    language: Annotated[str, typer.Option(help="Code such as en or de.")] = "en",
    model: Annotated[
        str, typer.Option(help="Model of the captions; `trax models` lists them.")
    ] = "auto",
    hotwords: Annotated[
        str, typer.Option(help="Names and terms that are likely to be said, by commas.")
    ] = "",
    vocabulary: Annotated[Path | None, typer.Option(help="File of such terms, one a line.")] = None,
    no_speakers: Annotated[
        bool, typer.Option("--no-speakers", help="Do not tell who speaks.")
    ] = False,
    plan: Annotated[
        Literal["fast", "balanced", "accurate"],
        typer.Option(help="How the recording is read once more in the end."),
    ] = "balanced",
    captions_only: Annotated[
        bool, typer.Option("--captions-only", help="Do not read it once more; nothing is kept.")
    ] = False,
    left_over: Annotated[
        bool, typer.Option("--left-over", help="List recordings that were not read once more.")
    ] = False,
    discard: Annotated[
        str, typer.Option(help="Remove one of these, with its words.", metavar="ID")
    ] = "",
    formats: Annotated[
        str, typer.Option("--format", "-f", help="Of the files in the end.")
    ] = "txt,md,json,srt,vtt",
    folder: Annotated[Path, typer.Option("--out", "-o", help="Folder for the files.")] = Path(
        "transcripts"
    ),
    speed: Annotated[
        float,
        typer.Option(
            help="How many times faster a file is played; 0: as fast as it can be read.",
            min=0.0,
            max=1000.0,
            callback=finite,
        ),
    ] = 1.0,
) -> None:
    """Caption a microphone, a stream or a file while it is heard, then transcribe it.

    Words that may still change are dim. Ctrl-C ends the captions; then the recording is read once
    more, as `trax transcribe` reads it. A second Ctrl-C leaves that out: the recording is kept
    until `trax serve` reads it, or `--discard` removes it.
    """
    with edge():
        from trax.cli.given import exclusive, needed
        from trax.cli.options import terms
        from trax.errors import InvalidOption
        from trax.export import known_formats
        from trax.live.options import LiveOptions
        from trax.service.checks import checked

        exclusive(context, _EXCLUSIVE)
        needed(context, "microphone", by=("device",))
        if left_over or discard:
            _tidy(discard)
            return
        if not source and not microphone:
            raise InvalidOption("name a file or a stream, or hear the microphone")
        if "://" in source:
            exclusive(context, [("source", "speed")])
        values = {
            "name": Path(source).stem if "://" not in source else "stream",
            "language": language,
            "model": model,
            "hotwords": terms(hotwords, vocabulary),
            "speakers": not no_speakers,
            "plan": plan,
        }
        if microphone:
            values["name"] = "microphone"
        options = checked(LiveOptions, values)
        wanted = known_formats(names(formats, "format"))
        stop = threading.Event()
        reference = _captioned(_sound(source, device, speed, stop), options, stop, captions_only)
        if reference:
            _write(reference, wanted, folder)


def _tidy(discarded: str) -> None:
    """Remove a session that is left over, or list them."""
    from trax.compose import process_workspace
    from trax.service.live_here import Here
    from trax.settings import load_settings

    here = Here(process_workspace(), load_settings())
    if discarded:
        here.discard(discarded)
        return
    for header in here.left_over():
        began = datetime.fromtimestamp(header.began).astimezone()
        out().print(f"{header.id}  {began:%Y-%m-%d %H:%M}  {escape(header.options.name)}")


def _sound(source: str, device: str, speed: float, stop: threading.Event) -> Iterator[bytes]:
    from trax.live.sources import sound_of, sound_of_microphone

    if source:
        return sound_of(source, speed, stop.is_set)
    return sound_of_microphone(device, stop.is_set)


def _captioned(
    sound: Iterator[bytes], options: "LiveOptions", stop: threading.Event, captions_only: bool
) -> str:
    """Show captions of *sound* until it ends; gives the transcript that it becomes, if it does."""
    from trax.cli.captions import CaptionScreen
    from trax.compose import process_workspace
    from trax.service.live_here import Here
    from trax.settings import load_settings

    settings = load_settings()
    here = Here(process_workspace(), settings, keeps=not captions_only)
    session = here.begin(options)
    previous = signal.signal(signal.SIGINT, lambda _number, _frame: stop.set())
    try:
        with CaptionScreen(out(), session.captions) as screen, session.listening(screen.take):
            _hear(session, sound)
            session.end()
            here.wait_for_words()
    finally:
        signal.signal(signal.SIGINT, previous)
        here.leave(session)
    if captions_only:
        return ""
    err().print("[dim]reading it once more…[/]")
    return here.finish(session)


def _hear(session: "LiveSession", sound: Iterator[bytes]) -> None:
    """Have a session hear *sound*, as far as a recording may be long."""
    from trax.errors import LimitExceeded

    try:
        for data in sound:
            session.feed(data)
    except LimitExceeded as error:
        err().print(f"[yellow]warning:[/] {error}")


def _write(reference: str, formats: Sequence[str], folder: Path) -> None:
    from trax.cli.transcripts import print_text
    from trax.compose import process_workspace
    from trax.service import exports

    workspace = process_workspace()
    document = workspace.repository.get(reference)
    err().print()
    print_text(document)
    data = exports.rendered(document, formats)
    folder.mkdir(parents=True, exist_ok=True)
    for path in exports.write_files(workspace.database, document, data, folder).values():
        err().print(f"[dim]{path}[/]", soft_wrap=True)


live.__doc__ = (live.__doc__ or "") + _EPILOG
