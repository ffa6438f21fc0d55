"""A live session of this process alone, and the transcript that it becomes."""

from functools import partial

from trax.live.keeping import Header, forget_session
from trax.live.options import LiveOptions
from trax.live.running import Running
from trax.live.session import LiveSession
from trax.service.access import ANYBODY
from trax.service.live_endings import carry_into, final_options, recording
from trax.service.live_marks import comment_on_marks
from trax.service.live_sessions import LiveRoom
from trax.service.submission import run
from trax.settings import Settings
from trax.store.revisions import author_here
from trax.work.retry import patiently
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

    def left_over(self) -> list[Header]:
        """Sessions whose recordings were not read once more, or not long ago, the newest first."""
        return self._room.all(ANYBODY)

    def discard(self, session_id: str) -> None:
        """Remove a session that is left over, with all that is kept of it.

        Raises:
            NotFound: there is none.
            Busy: another process works on it.
        """
        self._room.discard(session_id, ANYBODY)

    def wait_for_words(self) -> None:
        """Wait until all that was heard is read."""
        if self._running is not None:
            self._running.wait()

    def leave(self, session: LiveSession) -> None:
        """End, whatever happened; what is not to be kept is removed."""
        session.end()
        if not self._keeps:
            self.wait_for_words()
            forget_session(session.kept.folder)

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
            patiently(partial(self._carry, session, made.transcript_id, version))
        forget_session(session.kept.folder)
        return made.transcript_id

    def _carry(self, session: LiveSession, reference: str, version: int) -> None:
        """Do what was decided to the transcript; doing it again changes nothing. What fits nowhere
        in it is kept as a conflict.
        """
        captions = session.captions
        found = carry_into(self._workspace, captions, reference, version, author_here())
        header = session.kept.header
        marks = comment_on_marks(self._workspace, header, captions, reference, found.document)
        conflicts = self._workspace.conflicts
        conflicts.add_problems(reference, reference, [*found.misfits, *marks])
