"""The way to the engine processes of this machine."""

import time
from pathlib import Path
from typing import Any

import httpx
from pydantic import ValidationError

from trax import __version__
from trax.errors import Cancelled, EngineError
from trax.host.wire import FINAL, EngineStatus, Line, StageRequest
from trax.progress import is_stopped, note, report
from trax.work.values import Job, Results, StageResult
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

    def run(self, stage: str, job: Job[Any], inputs: Results, slot: Slot) -> StageResult | None:
        """Run a stage of the job's pipeline in an engine; ``None`` if none is available.

        An engine that goes away under the stage gets another try, in which nothing else runs beside
        it.

        Raises:
            TraxError: what the stage raised.
            EngineError: the engine went away twice while it was at work.
            Cancelled: the job was asked to stop.
        """
        tries = 0
        crashes = 0
        while tries < _TRIES and (engine := self._choose()):
            if is_stopped():
                raise Cancelled(f"{stage} was stopped; finished stages are kept")
            request = StageRequest(
                stage=stage, request=job.request, redo=job.redo, inputs=inputs, alone=crashes > 0
            )
            try:
                with slot(engine.device):
                    result = self._ask(engine.device, request)
            except _Lost as lost:
                tries += 1
                crashes += lost.running
                if crashes > 1:
                    raise EngineError(
                        f"{stage} brought the engine {engine.device} down twice"
                    ) from lost
                note(f"the engine {engine.device} went away; trying again")
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
                note(f"working without the engine {status.device}: it {why}; start it again")
        return min(
            ready, key=lambda each: (each.waiting + len(each.running), each.device), default=None
        )

    def _sockets(self) -> list[Path]:
        return sorted(self._folder.glob("*.sock"))

    def _ask(self, device: str, request: StageRequest) -> StageResult | None:
        """The stage's result; ``None`` if the engine had no room for it."""
        running = False
        headers = {"Content-Type": "application/json"}
        body = request.model_dump_json()
        with _client(self._folder / f"{device}.sock", _SILENCE) as client:
            try:
                with client.stream("POST", "/stages", content=body, headers=headers) as answer:
                    answer.raise_for_status()
                    for text in answer.iter_lines():
                        if is_stopped():
                            raise Cancelled(
                                f"{request.stage} was stopped; finished stages are kept"
                            )
                        line = Line.model_validate_json(text)
                        if line.kind in FINAL:
                            return _final(line)
                        running = line.kind == "started" or (running and line.kind != "waiting")
                        _pass_on(line, request.stage, device)
            except (httpx.HTTPError, ValidationError) as error:
                raise _Lost(running=running) from error
        raise _Lost(running=running)


def _final(line: Line) -> StageResult | None:
    if line.failure is not None:
        raise line.failure.error()
    return line.result


def _pass_on(line: Line, stage: str, device: str) -> None:
    if line.kind == "waiting":
        others = "other" if line.ahead == 1 else "others"
        note(f"{stage} waits for {device} behind {line.ahead} {others}")
    event = line.event(stage)
    if event is not None:
        report(event)


def answers(path: Path, patience: float) -> bool:
    """Whether an engine answers on the socket at *path* within *patience* seconds."""
    return _status(path, patience) is not None


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
