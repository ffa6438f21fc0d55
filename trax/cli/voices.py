"""Known voices from the command line."""

import json
from dataclasses import asdict
from pathlib import Path

from rich.markup import escape
from rich.progress import Progress

from trax.cli.edge import err, out, print_json
from trax.cli.tables import moment, table
from trax.compose import process_workspace
from trax.diarization.profiles import VoiceProfile
from trax.errors import InvalidOption, StoreError
from trax.stages.voices import forget, voice_in_file, voice_in_transcript, voice_of
from trax.store import Profile
from trax.work.workspace import Workspace

_GOOD_SPEECH = 10.0  # seconds from which on more hardly helps


def list_voices(*, as_json: bool) -> None:
    """Profiles, a row each."""
    found = process_workspace().profiles.all()
    if as_json:
        print_json([_plain(profile) for profile in found])
        return
    if not found:
        out().print(
            "No voices are known yet; `trax speakers enroll NAME FILE --consent TEXT` learns one."
        )
        return
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


def enroll_voice(name: str, source: str, consent: str, diarizer: str) -> None:
    """Learn a voice from a file or from somebody in a transcript."""
    if not consent.strip():
        raise InvalidOption("say how they agreed to be recognised: --consent TEXT")
    workspace = process_workspace()
    if Path(source).exists():
        profile = _learned(workspace, name, _heard(workspace, Path(source), diarizer), consent)
    elif ":" in source:
        reference, _, speaker = source.rpartition(":")
        transcript = workspace.repository.get(reference)
        label, voice = voice_in_transcript(workspace, transcript, speaker)
        profile = _learned(workspace, name, voice, consent)
        version = workspace.repository.versions(transcript.id)[0].version
        workspace.profiles.link(profile, transcript.id, version, label)
    else:
        raise InvalidOption(
            f"there is no file {source}, and it does not name a speaker as TRANSCRIPT:SPEAKER does"
        )
    out().print(f"[bold]{escape(profile.name)}[/] is known, from {profile.seconds:.1f} s of speech")
    if profile.seconds < _GOOD_SPEECH:
        err().print(
            f"[yellow]warning:[/] {_GOOD_SPEECH:g} s or more are better; enroll again with "
            "another recording"
        )


def _heard(workspace: Workspace, source: Path, diarizer: str) -> VoiceProfile:
    with Progress(console=err(), transient=True) as bar:
        task = bar.add_task(f"listening to {escape(source.name)}", total=1.0)
        return voice_in_file(
            workspace, source, diarizer, lambda share: bar.update(task, completed=share)
        )


def _learned(workspace: Workspace, name: str, voice: VoiceProfile, consent: str) -> Profile:
    """The profile of *name*, new or made better."""
    profiles = workspace.profiles
    known = profiles.find(name)
    if known is None:
        return profiles.add(name, voice.voice_model, voice.embedding, voice.seconds, consent)
    both = voice_of(known).with_more(voice)
    profiles.improve(known, both.embedding, both.seconds, consent)
    return profiles.get(name)


def rename_voice(name: str, to: str) -> None:
    """Call somebody otherwise."""
    profiles = process_workspace().profiles
    profiles.rename(profiles.get(name), to)
    out().print(f"{escape(name)} is called [bold]{escape(to.strip())}[/] now")


def merge_voices(name: str, other: str) -> None:
    """Make one of two profiles."""
    profiles = process_workspace().profiles
    kept, gone = profiles.get(name), profiles.get(other)
    if kept.id == gone.id:
        raise InvalidOption(f"{name} and {other} are one profile")
    both = voice_of(kept).with_more(voice_of(gone))
    profiles.improve(kept, both.embedding, both.seconds, gone.consent)
    shown = profiles.forget(gone, into=kept)
    out().print(
        f"{escape(gone.name)} is [bold]{escape(kept.name)}[/] now, in {len(shown)} transcripts too"
    )


def forget_voice(name: str) -> None:
    """Remove a profile."""
    workspace = process_workspace()
    shown = forget(workspace, workspace.profiles.get(name))
    out().print(f"{escape(name)} is forgotten, in {len(shown)} transcripts too")


def export_voices(name: str | None, target: Path | None) -> None:
    """Write profiles as JSON."""
    profiles = process_workspace().profiles
    found = profiles.all() if name is None else [profiles.get(name)]
    plain = [_plain(profile) | {"embedding": list(profile.embedding)} for profile in found]
    if target is None:
        print_json(plain)
        return
    try:
        target.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot write {target}: {error.strerror}") from error
    err().print(f"{len(found)} written to {escape(str(target))}")


def _plain(profile: Profile) -> dict[str, object]:
    fields = asdict(profile) | {"created_at": profile.created_at.isoformat()}
    return {key: value for key, value in fields.items() if key != "embedding"}
