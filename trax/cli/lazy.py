"""The overview of commands, and a group that imports a command's module when it runs."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

PANELS = {
    "Transcribe": {
        "transcribe": "Transcribe recordings: who said what, and when.",
        "live": "Caption a microphone, a stream or a file while it is heard, then transcribe it.",
        "revoice": "Say a speaker's words again in another voice; everything else stays as it is.",
        "serve": "Serve transcription over HTTP, until Ctrl-C or SIGTERM.",
        "watch": "Transcribe every recording that is dropped in a folder.",
        "jobs": "List jobs, follow them, see why they failed, cancel or retry them.",
    },
    "Look": {
        "show": "Show a transcript, or list them all.",
        "tags": "Manage tags, by which transcripts are found again: `trax show --tag budget`.",
        "search": "Find what was said in any transcript.",
        "notes": "Show what a language model wrote about a transcript.",
        "export": "Write a transcript in other formats.",
    },
    "Correct": {
        "edits": "Show the edits of a language model, or undo them.",
        "conflicts": "Settle decisions that did not fit a transcript made anew.",
        "removed": "Show words taken out because nobody said them, or restore them.",
    },
    "People": {
        "speakers": "Manage known voices, so that transcripts name people.",
    },
    "Share": {
        "folders": "Manage folders, which share transcripts with users and groups.",
        "groups": "Manage groups of users, with whom folders are shared.",
        "links": "Manage links that share a transcript or a passage of it with whoever has them.",
    },
    "Measure": {
        "top": "Show the machine, engines, jobs and the queue, live, until Ctrl-C.",
        "report": "Report how fast, how sure and how dear transcription was, and what failed.",
        "bench": "Measure this machine on the recording that Trax ships, in a few minutes.",
        "score": "Measure a transcript against a reference.",
        "adapt": "Teach recognition how your people speak, and manage what it has learnt.",
        "calibrate": "Fit word confidence to recordings whose text you have.",
    },
    "Keep": {
        "checkpoints": "List stored results of stages, or prune them.",
        "clean": "Delete expired audio and results, orphans, and partial uploads.",
        "db": "Inspect and upgrade the database.",
    },
    "Run": {
        "users": "Manage who signs in to `trax serve` with a password.",
        "tokens": "Manage the tokens that `trax serve` asks for.",
        "webhooks": "Manage where `trax serve` tells of what happens to jobs.",
        "audit": "Show who did, read and was refused what, newest first.",
        "engine": "Run engine processes, which keep models loaded between jobs.",
        "models": "List the models that Trax knows and where each is found.",
        "prefect": "Set up your Prefect server.",
        "doctor": "Check the installation and say what to fix.",
    },
}
"""Every command with its summary, by the panel of the overview that shows it.

A command is also the name of its module in this package, which has an ``app`` or a function of
that name. The summary is the first sentence of the command's own help.
"""


class LazyGroup(TyperGroup):
    """Knows its commands by name and summary alone; imports the one that runs."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that *args* name, with its arguments."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command if name is None else loaded(name), rest


def add_overview(app: typer.Typer) -> None:
    """Add a line for every command to the help of *app*."""
    for panel, commands in PANELS.items():
        for name, summary in commands.items():
            app.command(name, help=summary, rich_help_panel=panel)(_unloaded)


def loaded(name: str) -> Any:
    """The command called *name*, from its module."""
    module = import_module(f"trax.cli.{name}")
    if hasattr(module, "app"):
        command: Any = get_group(module.app)
    else:
        alone = typer.Typer(rich_markup_mode="markdown", add_completion=False)
        alone.command(name, cls=getattr(module, "Command", None))(getattr(module, name))
        command = get_command(alone)
    command.name = name
    return command


def _unloaded() -> None:
    """Stands for a command until it runs."""
