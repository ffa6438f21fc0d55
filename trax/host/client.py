"""The way to the engine processes of this machine."""

import os
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from trax import __version__
from trax.errors import Cancelled, EngineError
from trax.host.connection import GaveUp, NoEngine, answer_lines, patience
from trax.host.ends import Cause, cause_of
from trax.host.losses import Losses
from trax.host.pulse import Pulse
from trax.host.wire import FINAL, EngineStatus, Line, StageRequest
from trax.progress import NowAndThen, is_stopped, note, report
from trax.telemetry.traces import current_trace
from trax.work.values import Job, Results, StageResult
from trax.work.workspace import Slot

ENDS = ".ends"
"""Suffix of the file beside a socket that says how its processes ended."""

_HUNG = 120.0  # seconds without a sign of life; the supervisor, if it lives, gives up long before
_GLANCE = 1.0  # seconds that an engine may take to say how it is, where there are several
_LOOK = 5.0  # seconds that whoever asks how engines are waits for one
_PATIENCE = 60.0  # seconds that the only one may take: it is being started again
_LONG_PATIENCE = 600.0  # likewise, for a stage that nobody dares to run elsewhere
_AGAIN = 0.5  # seconds before asking again an engine that has no room, or went away
_OBITUARY = 20.0  # seconds that a supervisor may take to say why a process ended


class _Lost(Exception):
    """The engine went away; *process* is the one in which the stage was at work, if it was."""

    def __init__(self, process: int) -> None:
        super().__init__(process)
        self.process = process


class EngineClient:
    """Runs stages in an engine process.

    Args:
        folder: with a socket a process, ``<device>.sock``.
        store: tells where objects are kept; an engine that keeps them elsewhere is of no use.
    """

    def __init__(self, folder: Path, store: str) -> None:
        self._folder, self._store = folder, store

    def run(self, stage: str, job: Job[Any], inputs: Results, slot: Slot) -> StageResult | None:
        """Run a stage of the job's pipeline in an engine; ``None`` if none can be relied on.

        An engine that goes away under the stage gets another try. Only where it went down by itself
        may the stage be why: then nothing else runs beside the next try.

        Raises:
            TraxError: what the stage raised.
            EngineError: it brought the engine down, and did so again or cannot be tried again.
            Cancelled: the job was asked to stop.
        """
        losses = Losses(stage)
        while not losses.too_many and (engine := self._choose(stage, losses)):
            request = StageRequest(
                stage=stage,
                request=job.request,
                redo=job.redo,
                inputs=inputs,
                alone=losses.must_be_alone,
                trace=current_trace(),
            )
            try:
                with slot(engine.device):
                    result = _Conversation(self._path(engine.device), engine, request).result()
            except _Lost as lost:
                cause = self._cause(engine.device, lost.process)
                why = losses.add(engine.device, cause, running=bool(lost.process))
                note(f"{why}; {'working without it' if losses.too_many else 'trying again'}")
                result = None
            if result is not None:
                return result
            _stop_if_asked(stage)
            time.sleep(_AGAIN)
        if losses.is_risky:
            raise EngineError(f"{stage} brought the engine down, and no engine can try it again")
        return None

    def statuses(self) -> list[EngineStatus]:
        """How every engine is that answers, by name."""
        return [status for path in self._sockets() if (status := _status(path, _LOOK)) is not None]

    def _choose(self, stage: str, losses: Losses) -> EngineStatus | None:
        """The engine with the least to do."""
        answered = self._answered(stage, _LONG_PATIENCE if losses.is_risky else _PATIENCE)
        ready = [status for status in answered if self._serves(status)]
        return min(
            ready, key=lambda each: (each.waiting + len(each.running), each.device), default=None
        )

    def _answered(self, stage: str, longest: float) -> list[EngineStatus]:
        """How those engines are that answer."""
        found = self._sockets()
        wait = longest if len(found) == 1 else _GLANCE
        statuses = (_status(path, wait, _waiting_for(stage, path.stem)) for path in found)
        return [status for status in statuses if status is not None]

    def _serves(self, status: EngineStatus) -> bool:
        """Whether an engine is of any use here; a note says why not."""
        if (status.trax, status.store) == (__version__, self._store):
            return True
        elsewhere = status.trax == __version__
        why = "keeps objects elsewhere" if elsewhere else f"is of Trax {status.trax}"
        note(f"working without the engine {status.device}: it {why}; start it again")
        return False

    def _cause(self, device: str, process: int) -> Cause | None:
        """Why an engine process ended, once its supervisor says so."""
        deadline = time.monotonic() + _OBITUARY
        cause = None
        while process and cause is None and time.monotonic() < deadline and not is_stopped():
            time.sleep(_AGAIN / 5)
            # In this order: whoever is supervised no more has nothing noted any more either.
            supervised = _is_listening(self._path(device))
            cause = cause_of(self._path(device).with_suffix(ENDS), process)
            if not supervised:
                break
        return cause

    def _path(self, device: str) -> Path:
        return self._folder / f"{device}.sock"

    def _sockets(self) -> Sequence[Path]:
        return sorted(self._folder.glob("*.sock"))


class _Conversation:
    """One stage asked of one engine."""

    def __init__(self, path: Path, engine: EngineStatus, request: StageRequest) -> None:
        self._path = path
        self._request = request
        self._process = 0  # in which the stage is at work
        self._pulse = Pulse(engine.process)
        self._ahead = 0
        self._say = NowAndThen()

    def result(self) -> StageResult | None:
        """The stage's result; ``None`` if the engine had no room for it."""
        body = self._request.model_dump_json().encode()
        try:
            for text in answer_lines(self._path, "/stages", self._idle, body):
                _stop_if_asked(self._request.stage)
                line = Line.model_validate_json(text)
                if line.kind in FINAL:
                    return _final(line)
                self._hear(line)
        except (NoEngine, ValidationError) as error:
            raise _Lost(self._process) from error
        raise _Lost(self._process)

    def _hear(self, line: Line) -> None:
        if line.kind == "started":
            self._process = line.process
            self._pulse = Pulse(line.process)
            self._ahead = 0
        elif line.kind == "waiting":
            self._process = 0
            self._ahead = line.ahead
        self._pulse.heard()
        self._tell_place()
        event = line.event(self._request.stage)
        if event is not None:
            report(event)

    def _idle(self) -> None:
        """Nothing was said for a moment: wait on, unless there is nothing to wait for."""
        _stop_if_asked(self._request.stage)
        self._tell_place()
        self._pulse.look()
        if self._pulse.is_stuck(_HUNG):
            raise NoEngine("it hangs")

    def _tell_place(self) -> None:
        if self._ahead:
            others = "other" if self._ahead == 1 else "others"
            device = self._path.stem
            self._say(f"{self._request.stage} waits for {device} behind {self._ahead} {others}")


def _final(line: Line) -> StageResult | None:
    if line.failure is not None:
        raise line.failure.error()
    return line.result


def _stop_if_asked(stage: str) -> None:
    if is_stopped():
        raise Cancelled(f"{stage} was stopped; finished stages are kept")


def _waiting_for(stage: str, device: str) -> Callable[[], None]:
    """Says, now and then, that an engine has not answered yet."""
    say = NowAndThen()
    since = time.monotonic()

    def waiting() -> None:
        _stop_if_asked(stage)
        if time.monotonic() - since > _LOOK:
            say(f"{stage} waits for the engine {device} to answer")

    return waiting


def answers(path: Path, seconds: float, lives: Callable[[], bool]) -> bool:
    """Whether an engine answers on the socket at *path* within *seconds*, while it lives."""

    def check() -> None:
        if not lives():
            raise GaveUp("it ended")

    return _status(path, seconds, check) is not None


def _status(
    path: Path, seconds: float, check: Callable[[], None] = lambda: None
) -> EngineStatus | None:
    wait = patience(seconds)

    def idle() -> None:
        check()
        wait()

    status = None
    with suppress(GaveUp, ValidationError):
        while status is None and _is_listening(path):
            idle()
            # Where it ends meanwhile, its supervisor keeps the socket for the next.
            with suppress(NoEngine):
                text = b"".join(answer_lines(path, "/status", idle))
                status = EngineStatus.model_validate_json(text)
    return status


def _is_listening(path: Path) -> bool:
    """Whether somebody, a supervisor if no engine, holds the socket at *path*."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(os.fspath(path))
        except BlockingIOError:  # more wait there than the system takes
            return True
        except OSError:
            return False
    return True
