"""A live session of this process alone, and the transcript that it becomes."""

import shutil

from trax.live.options import LiveOptions
from trax.live.running import Running
from trax.live.session import LiveSession
from trax.service.live_endings import carry_into, final_options, recording
from trax.service.live_sessions import LiveRoom
from trax.service.submission import run
from trax.settings import Settings
from trax.store.revisions import author_here
from trax.work.workspace import Workspace

_HERE = "live"


class Here:
    """One session, and what follows.

    Args:
        keeps: whether its sound and words are kept.
    """

    def __init__(self, workspace: Workspace, settings: Settings, *, keeps: bool = True) -> None:
        self._workspace = workspace
        self._settings = settings
        self._keeps = keeps
        self._room = LiveRoom(workspace, settings, lambda _session: None)
        self._running: Running | None = None

    def begin(self, options: LiveOptions) -> LiveSession:
        """Begin.

        Raises:
            ModelUnavailable: no model reads the language.
        """
        session = self._room.begin(options)
        self._running = self._room.here(session.id)
        return session

    def wait_for_words(self) -> None:
        """Wait until all that was heard is read."""
        if self._running is not None:
            self._running.wait()

    def leave(self, session: LiveSession) -> None:
        """End, whatever happened; what is not to be kept is removed."""
        session.end()
        if not self._keeps:
            self.wait_for_words()
            shutil.rmtree(session.kept.folder, ignore_errors=True)

    def finish(self, session: LiveSession) -> str:
        """Read the recording once more; gives the transcript's id, empty if there was no sound.

        Raises:
            TraxError: what went wrong; the recording is kept.
        """
        upload = recording(self._workspace, session.kept, _HERE)
        if upload is None:
            return ""
        options = final_options(session.kept.header.options, session.captions)
        made = run(self._workspace, self._settings, upload.source, options)
        version = self._workspace.repository.versions(made.transcript_id)[0].version
        if session.captions.decisions:
            carry_into(
                self._workspace, session.captions, made.transcript_id, version, author_here()
            )
        shutil.rmtree(session.kept.folder, ignore_errors=True)
        return made.transcript_id
