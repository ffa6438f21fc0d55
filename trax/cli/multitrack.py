"""Files of one speaker each as one recording."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from rich.progress import Progress

from trax.audio.tracks import join_tracks
from trax.cli.edge import err
from trax.compose import build_workspace
from trax.errors import InvalidOption, StoreUnavailable
from trax.settings import load_settings
from trax.store.objects import file_digest


def one_recording(tracks: Sequence[Path], *, quiet: bool) -> Path:
    """A file with a channel for each of *tracks*; made once for the same bytes, and kept in Trax's
    own folder.

    Raises:
        InvalidOption: one of them is no file, or their number is wrong.
        UnreadableAudio: no audio can be decoded from one.
    """
    for track in tracks:
        if not track.is_file():
            raise InvalidOption(f"--tracks: there is no file {track}")
    digest = hashlib.sha256("".join(map(file_digest, tracks)).encode()).hexdigest()[:12]
    settings = load_settings()
    folder = settings.home / "tracks" / digest
    target = folder / ("+".join(track.stem for track in tracks)[:100] + ".flac")
    if target.exists():
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"cannot make the folder {folder}: {error.strerror}") from error
    with Progress(console=err(), transient=True, disable=quiet) as bar:
        task = bar.add_task("putting the tracks together", total=1.0)
        limits = build_workspace(settings).limits
        return join_tracks(tracks, target, limits, lambda share: bar.update(task, completed=share))
