"""The way to the engine processes of this machine."""

import time
from pathlib import Path

import httpx
from pydantic import ValidationError

from trax import __version__
from trax.errors import Cancelled, EngineError
from trax.host.wire import EngineStatus, Event, StageRequest
from trax.progress import current_reporter, is_stopped
from trax.work.job import Job
from trax.work.running import StageResult
from trax.work.workspace import Slot

_SILENCE = (
    60.0  # seconds after which an engine that says nothing is given up: it says something every two
)
_GLANCE = 1.0  # seconds that an engine may take to say how it is, where there are several
_LOOK = 5.0  # seconds that whoever asks how engines are waits for one
_PATIENCE = 60.0  # seconds that the only one may take: it is being started again
_AGAIN = 0.5  # seconds before asking again an engine that has no room, or went away
_TRIES = 10  # after which an engine that goes away again and again is no longer asked


class _Lost(Exception):
    """The engine went away. *running* says whether the stage was at work then, and may have been
    why.
    """

    def __init__(self, *, running: bool) -> None:
        super().__init__(running)
        self.running = running


class EngineClient:
    """Runs stages in an engine process.

    Args:
        folder: with a socket a process, ``<device>.sock``.
        store: tells where objects are kept; an engine that keeps them elsewhere is of no use.
    """

    def __init__(self, folder: Path, store: str) -> None:
        self._folder, self._store = folder, store

    def run(self, stage: str, job: Job, audio: StageResult, slot: Slot) -> StageResult | None:
        """What *stage* makes of a job's ingested recording; ``None`` where no engine is to be had.

        An engine that goes away under the stage is given another try, in which nothing else runs
        beside it.

        Raises:
            TraxError: what the stage raised.
            EngineError: the engine went away twice while it was at work.
            Cancelled: somebody asked to stop.
        """
        tries = under_us = 0
        while tries < _TRIES and (engine := self._choose()):
            if is_stopped():
                raise Cancelled(f"{stage} was stopped; finished stages are kept")
            request = StageRequest.model_validate(
                {"stage": stage, "job": job, "audio": audio, "alone": under_us > 0}
            )
            try:
                with slot(engine.device):
                    result = self._asked(engine.device, request)
            except _Lost as lost:
                tries, under_us = tries + 1, under_us + lost.running
                if under_us > 1:
                    raise EngineError(
                        f"{stage} brought the engine {engine.device} down twice"
                    ) from lost
                _note(f"the engine {engine.device} went away; trying again")
                result = None
            if result is not None:
                return result
            time.sleep(_AGAIN)
        return None

    def statuses(self) -> list[EngineStatus]:
        """How every engine is that answers, by name."""
        return [status for path in self._sockets() if (status := _status(path, _LOOK)) is not None]

    def _choose(self) -> EngineStatus | None:
        """The engine with the least to do."""
        found = self._sockets()
        patience = _PATIENCE if len(found) == 1 else _GLANCE
        answered = [status for path in found if (status := _status(path, patience)) is not None]
        ready = [
            status
            for status in answered
            if (status.trax, status.store) == (__version__, self._store)
        ]
        for status in answered:
            if status not in ready:
                why = (
                    "keeps objects elsewhere"
                    if status.trax == __version__
                    else f"is of Trax {status.trax}"
                )
                _note(f"working without the engine {status.device}: it {why}; start it again")
        return min(
            ready, key=lambda each: (each.waiting + len(each.running), each.device), default=None
        )

    def _sockets(self) -> list[Path]:
        return sorted(self._folder.glob("*.sock"))

    def _asked(self, device: str, request: StageRequest) -> StageResult | None:
        """The stage's result; ``None`` where the engine had no room for it."""
        running = False
        with _client(self._folder / f"{device}.sock", _SILENCE) as client:
            try:
                body, kind = request.model_dump_json(), {"Content-Type": "application/json"}
                with client.stream("POST", "/stages", content=body, headers=kind) as answer:
                    answer.raise_for_status()
                    for line in answer.iter_lines():
                        if is_stopped():
                            raise Cancelled(
                                f"{request.stage} was stopped; finished stages are kept"
                            )
                        event = Event.model_validate_json(line)
                        running = event.kind == "running" or (running and event.kind != "waiting")
                        if event.kind == "refused":
                            return None
                        if event.failure is not None:
                            raise event.failure.error()
                        if event.result is not None:
                            return event.result
                        _report(request.stage, device, event)
            except (httpx.HTTPError, ValidationError) as error:
                raise _Lost(running=running) from error
        raise _Lost(running=running)


def answers(path: Path, patience: float) -> bool:
    """Whether an engine answers on the socket at *path* within *patience* seconds."""
    return _status(path, patience) is not None


def _report(stage: str, device: str, event: Event) -> None:
    if event.kind == "advanced":
        current_reporter().advanced(stage, event.share)
    elif event.kind == "noted":
        _note(event.message)
    elif event.kind == "waiting":
        _note(f"{stage} waits for {device} behind {event.ahead} other{'s' * (event.ahead != 1)}")


def _note(message: str) -> None:
    current_reporter().noted(message)


def _status(path: Path, patience: float) -> EngineStatus | None:
    try:
        with _client(path, patience) as client:
            return EngineStatus.model_validate_json(
                client.get("/status").raise_for_status().content
            )
    except (httpx.HTTPError, ValidationError):
        return None


def _client(path: Path, silence: float) -> httpx.Client:
    return httpx.Client(
        transport=httpx.HTTPTransport(uds=str(path)), base_url="http://engine", timeout=silence
    )
