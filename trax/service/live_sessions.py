"""Live sessions as a process begins, finds and ends them."""

import logging
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from trax.audio.activity import frame_probabilities
from trax.diarization import DiarizationOptions
from trax.errors import Busy, NotFound, TooManyRequests
from trax.live.events import Event, Handed
from trax.live.keeping import Header, Kept, events_of, forget_session, header_of, headers
from trax.live.listening import Activity
from trax.live.models import models_for
from trax.live.options import LiveOptions
from trax.live.pace import Pace
from trax.live.running import Running
from trax.live.session import LiveSession
from trax.live.speakers import Known, LiveSpeakers
from trax.service.access import Caller
from trax.settings import Settings
from trax.stages.voices import voice_of
from trax.store.audit import add_entry
from trax.transcript.languages import ENGLISH
from trax.work.workspace import Workspace

RETRY_AFTER = 30
"""Seconds after which somebody who found no room may ask again."""

AGAIN_AFTER = 5
"""Seconds after which somebody whom another was quicker than may ask again."""

AWAY = 60.0
"""Seconds that a session waits for its client to come back before it ends."""

_MOST_BEHIND = 5.0  # seconds: where sessions are further behind no more fit

_log = logging.getLogger("trax")

Spent = Callable[[str, float], TooManyRequests | None]

Ending = Callable[[LiveSession], None]
"""Does what follows when a session is over."""


def _unlimited(_account: str, _more: float) -> TooManyRequests | None:
    return None


class LiveRoom:
    """The live sessions of a process.

    Args:
        spent: says why an account may have nothing more transcribed, with so many seconds of live
            sound, or ``None``.
        ending: does what follows when a session is over.
        hears: tells speech.
    """

    def __init__(
        self,
        workspace: Workspace,
        settings: Settings,
        ending: Ending,
        hears: Activity = frame_probabilities,
        spent: Spent = _unlimited,
    ) -> None:
        self._hears = hears
        self._spent = spent
        self._workspace = workspace
        self._settings = settings
        self._ending = ending
        self._running: dict[str, Running] = {}
        self._clients: Counter[str] = Counter()
        self._away: dict[str, float] = {}  # since when sessions have no client
        self._lock = threading.Lock()
        self._presence = threading.Lock()  # never held for long: clients come and go on the loop
        self.home: Path = settings.home / "live"

    @property
    def most(self) -> int:
        """Sessions at a time."""
        return self._settings.live_sessions or max(1, round(1.5 * self._settings.chosen_threads))

    def begin(self, options: LiveOptions, account: str = "", author: str = "") -> LiveSession:
        """Begin a session.

        Raises:
            Busy: there is no room for one more.
            ModelUnavailable: no model reads its language.
            TooManyRequests: the account has had as many minutes as it may.
        """
        with self._lock:
            error = self._spent(account, self._seconds_of(account))
            if error is not None:
                raise error
            self.check_room()
            header = Header(
                id=secrets.token_hex(8),
                account=account,
                author=author,
                began=time.time(),
                options=options,
            )
            pace, speakers = self._pace(options), self._speakers(options)
            return self._run(Kept.create(self.home, header), pace, speakers)

    def resume(self, session_id: str, caller: Caller) -> LiveSession:
        """A session that runs, or that went on until its process ended.

        Raises:
            NotFound: there is none that the caller may see.
            Busy: it does not run, and there is no room.
        """
        with self._lock:
            running = self._running.get(session_id)
            if running is not None:
                check_sight(running.session.kept.header, caller)
                return running.session
            header = self.find(session_id, caller)
            if _is_done(self.home / session_id):
                raise NotFound("live session", session_id, "it has ended")
            self.check_room()
            return self._open(header)

    def find(self, session_id: str, caller: Caller) -> Header:
        """What a session is, whether it runs or did.

        Raises:
            NotFound: there is none that the caller may see.
        """
        header = header_of(self.home, session_id)
        check_sight(header, caller)
        return header

    def events(self, session_id: str) -> list[Event]:
        """What lasts of what happened in a session."""
        return [each.event for each in events_of(self.home / session_id)]

    def running(self, session_id: str, caller: Caller) -> LiveSession:
        """A session that runs here.

        Raises:
            NotFound: there is none that the caller may see.
        """
        running = self._running.get(session_id)
        if running is None:
            raise NotFound("live session", session_id, "it does not run")
        check_sight(running.session.kept.header, caller)
        return running.session

    def is_running(self, session_id: str) -> bool:
        """Whether a session is at work here."""
        return session_id in self._running

    def here(self, session_id: str) -> Running:
        """A session at work."""
        return self._running[session_id]

    def all(self, caller: Caller) -> list[Header]:
        """Sessions that a caller may see, the newest first."""
        return [each for each in headers(self.home) if _sees(each, caller)]

    def left(self, session_id: str) -> None:
        """Note that a client no longer sends sound to a session; another one may."""
        with self._presence:
            self._clients[session_id] -= 1
            if self._clients[session_id] <= 0:
                del self._clients[session_id]
                self._away[session_id] = time.monotonic()

    def came(self, session_id: str) -> None:
        """Note that a client sends sound to a session."""
        with self._presence:
            self._clients[session_id] += 1
            self._away.pop(session_id, None)

    def end_deserted(self) -> None:
        """End sessions to which nobody has come back."""
        now = time.monotonic()
        for session_id, since in list(self._away.items()):
            if now - since <= AWAY:
                continue
            self._away.pop(session_id, None)
            running = self._running.get(session_id)
            if running is not None:
                running.session.end()

    def end_spent(self) -> None:
        """End sessions of those who have had as many minutes as they may; what they heard stays."""
        for running in list(self._running.values()):
            account = running.session.kept.header.account
            error = self._spent(account, self._seconds_of(account))
            if error is not None:
                running.session.end_early(f"{error}: the session ends, and what it heard is kept")

    def _seconds_of(self, account: str) -> float:
        """Seconds of live sound of an account that no job has yet."""
        sessions = [running.session for running in list(self._running.values())]
        return sum(each.duration for each in sessions if each.kept.header.account == account)

    def take_up(self) -> None:
        """Go on with sessions that had not ended when their process did; they wait for their
        clients as long as if these had just left.
        """
        for header in headers(self.home):
            try:
                with self._lock:
                    if header.id not in self._running and not _is_done(self.home / header.id):
                        self._open(header)
            except Busy:
                continue  # another process has it
            except Exception:  # noqa: BLE001 - one damaged session must not stop the others
                _log.exception("the live session %s cannot be taken up", header.id)

    def discard(self, session_id: str, caller: Caller) -> None:
        """Remove a session with all that is kept of it; one that runs is stopped, and no recording
        is made of it. What was made before stays.

        Raises:
            NotFound: there is none that the caller may see.
            Busy: another process works on it.
        """
        self.find(session_id, caller)
        while (running := self._running.get(session_id)) is not None:
            running.session.discard()
            running.stop()
        with self._lock:
            if session_id in self._running:
                raise Busy("somebody has just come back to the live session", AGAIN_AFTER)
            Kept.open(self.home, session_id).close()  # nobody else works on it
            forget_session(self.home / session_id)
        with self._workspace.database.writing() as session:
            add_entry(session, "live.discarded", session_id)

    def stop(self) -> None:
        """Leave all sessions as they are."""
        for running in list(self._running.values()):
            running.stop()

    def check_room(self) -> None:
        """Refuse one more session where none fits.

        Raises:
            Busy: none does.
        """
        if len(self._running) >= self.most:
            raise Busy(f"{self.most} live sessions run, and no more fit", RETRY_AFTER)
        behind = max((each.session.behind for each in self._running.values()), default=0.0)
        if behind > _MOST_BEHIND:
            raise Busy("live sessions are behind already, and no more fit", RETRY_AFTER)

    def _pace(self, options: LiveOptions) -> Pace:
        names = models_for(options.model, options.language or "", self._settings.chosen_device)
        language = options.language or ENGLISH  # one that every model reads
        return Pace(self._workspace.engines.decoders(names, language))

    def _open(self, header: Header) -> LiveSession:
        """Go on with a session that does not run."""
        pace, speakers = self._pace(header.options), self._speakers(header.options)
        return self._run(Kept.open(self.home, header.id), pace, speakers)

    def _run(self, kept: Kept, pace: Pace, speakers: LiveSpeakers | None) -> LiveSession:
        try:
            session = LiveSession(
                kept, pace, speakers, activity=self._hears, limits=self._workspace.limits
            )
        except BaseException:
            kept.close()
            raise
        with self._presence:  # a client that does not come has left
            self._away.setdefault(session.id, time.monotonic())
        running = Running(session, self._ending, self._closed)
        self._running[session.id] = running
        running.start()
        return session

    def _speakers(self, asked: LiveOptions) -> LiveSpeakers | None:
        if not asked.speakers:
            return None
        options = DiarizationOptions(plan="fast")
        diarizer = self._workspace.engines.diarizer(options)
        known = {
            profile.id: Known(profile.name, voice_of(profile))
            for profile in self._workspace.profiles.all()
            if profile.voice_model == diarizer.voice_model
        }
        return LiveSpeakers(diarizer.begin(options), known)

    def _closed(self, session: LiveSession) -> None:
        self._running.pop(session.id, None)


def check_sight(header: Header, caller: Caller) -> None:
    """Refuse somebody who may not see a session.

    Raises:
        NotFound: they may not; nobody learns what others have.
    """
    if not _sees(header, caller):
        raise NotFound("live session", header.id)


def _sees(header: Header, caller: Caller) -> bool:
    if caller.link is not None:
        return False
    return caller.sight.is_whole or header.account == caller.account


def _is_done(folder: Path) -> bool:
    journal = folder / "journal.jsonl"
    return journal.exists() and any(isinstance(each.event, Handed) for each in events_of(folder))
