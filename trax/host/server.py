"""The engine process itself: stages over HTTP on a socket of this machine."""

import asyncio
import logging
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from trax import __version__
from trax.errors import TraxError
from trax.hardware import give_way, peak_memory
from trax.host.seats import Refused, Seats
from trax.host.wire import FINAL, EngineStatus, Failure, Line, StageRequest
from trax.progress import Advanced, Event, Heard, Noted, reporting
from trax.telemetry.ids import bound
from trax.telemetry.traces import span
from trax.work.graph import Pipeline
from trax.work.running import compute
from trax.work.values import Job, StageResult
from trax.work.workspace import Workspace

BEAT = 2.0
"""Seconds of silence after which a sign of life is sent."""

_SHOWN = 0.2  # seconds between two reports of progress
_IDLE_POLL = 10.0  # seconds between looks for models that nobody uses

_log = logging.getLogger("trax")

Send = Callable[[Line], None]


class StageServer:
    """Runs stages of pipelines on one device, with the models that its workspace keeps loaded.

    Args:
        pipelines: those whose stages may be asked for.
        device: its name.
        store: tells callers whether they keep objects in the same place.
        seats: stages at once.
        max_waiting: stages that may wait.
        idle: seconds after which a model that nobody used is unloaded.
    """

    def __init__(
        self,
        workspace: Workspace,
        pipelines: Sequence[Pipeline[Any]],
        device: str,
        store: str,
        *,
        seats: int = 2,
        max_waiting: int = 64,
        idle: float = 600.0,
    ) -> None:
        self.seats = Seats(seats, max_waiting)
        self._workspace = workspace
        self._pipelines = {pipeline.name: pipeline for pipeline in pipelines}
        self._device = device
        self._store = store
        self._idle = idle
        self._finished: Counter[str] = Counter()
        self._failed = 0
        self._began = time.monotonic()

    def status(self) -> EngineStatus:
        """The state of this process."""
        manager = self._workspace.engines.manager
        return EngineStatus(
            device=self._device,
            state="draining" if self.seats.closed else "ready",
            process=os.getpid(),
            trax=__version__,
            store=self._store,
            running=self.seats.running,
            waiting=self.seats.waiting,
            finished=dict(self._finished),
            failed=self._failed,
            loads=manager.loads,
            loaded={use.name: use.size_bytes for use in manager.loaded},
            seconds=round(time.monotonic() - self._began, 1),
            peak_memory_bytes=peak_memory(),
        )

    async def lines(self, request: StageRequest) -> AsyncIterator[bytes]:
        """A line for each event of a stage. Once nobody listens any more, the stage is stopped."""
        queue: asyncio.Queue[Line] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def send(line: Line) -> None:
            loop.call_soon_threadsafe(queue.put_nowait, line)

        call = _Call(request, send)
        threading.Thread(target=self._run, args=(call,), daemon=True, name=request.stage).start()
        try:
            while True:
                try:
                    line = await asyncio.wait_for(queue.get(), BEAT)
                except TimeoutError:
                    line = Line(kind="beat")
                yield line.encoded()
                if line.kind == "started":
                    call.announced.set()
                if line.kind in FINAL:
                    return
        finally:
            call.stop.set()
            call.announced.set()

    def unload_idle(self) -> None:
        """Unload models that nobody used for a while."""
        if self.seats.running:
            return
        unloaded = self._workspace.engines.manager.unload_idle(self._idle)
        if unloaded:
            _log.info("%s unloaded: nobody used it for %.0f s", ", ".join(unloaded), self._idle)

    def _run(self, call: "_Call") -> None:
        """Run a stage when it has a seat, and say how it ends."""
        give_way()
        request = call.request
        with (
            bound(job=request.request.id, stage=request.stage),
            span(f"{request.stage} in the engine", request.trace),
        ):
            self._run_bound(call)

    def _run_bound(self, call: "_Call") -> None:
        try:
            call.send(Line(kind="finished", result=self._result(call)))
            self._finished[call.request.stage] += 1
        except Refused as error:
            call.send(Line(kind="refused", message=str(error)))
        except Exception as error:  # noqa: BLE001 - the edge of one stage: the others go on
            self._failed += 1
            if not isinstance(error, TraxError):
                _log.exception("a stage failed")
            call.send(Line(kind="failed", failure=Failure.of(error)))

    def _result(self, call: "_Call") -> StageResult:
        """The stage's result.

        The stage begins once the caller knows that it does: if the process dies, the caller knows
        why.
        """
        request = call.request
        pipeline = self._pipelines[request.request.pipeline]
        stage = pipeline.stage(request.stage)
        options = pipeline.options.model_validate(request.request.options)
        job = Job(request=request.request, options=options, redo=request.redo)
        name = f"{job.id} {stage.name}"
        with self.seats.seat(name, call.stop, call.moved, alone=request.alone) as rest:
            call.announced.wait()
            with reporting(_Relay(call.send, rest), call.stop):
                return compute(stage, self._workspace, job, request.inputs)


class _Call:
    """A caller that waits for a stage.

    Attributes:
        announced: set once the caller was told that the stage begins.
        stop: set once nobody listens any more.
    """

    def __init__(self, request: StageRequest, send: Send) -> None:
        self.request = request
        self.send = send
        self.announced = threading.Event()
        self.stop = threading.Event()

    def moved(self, ahead: int) -> None:
        """Say how many stages come before this one, or that it begins."""
        begun = Line(kind="started", process=os.getpid())
        self.send(Line(kind="waiting", ahead=ahead) if ahead else begun)


class _Relay:
    """Passes a stage's events on, and lets others work between its steps."""

    def __init__(self, send: Send, rest: Callable[[], None]) -> None:
        self._send = send
        self._rest = rest
        self._shown = 0.0

    def __call__(self, event: Event) -> None:
        """Pass on what the caller does not say itself."""
        match event:
            case Advanced(_, share):
                if time.monotonic() - self._shown >= _SHOWN:
                    self._shown = time.monotonic()
                    self._send(Line(kind="advanced", share=share))
                self._rest()
            case Noted(message):
                self._send(Line(kind="noted", message=message))
            case Heard(start, end, text):
                self._send(Line(kind="heard", start=start, end=end, message=text))


def create_app(server: StageServer) -> FastAPI:
    """What the engine process answers: ``GET /status``, ``POST /stages``."""
    app = FastAPI(title="Trax engine", version=__version__)

    @app.get("/status")
    async def status() -> EngineStatus:
        return server.status()

    @app.post("/stages")
    async def stages(request: StageRequest) -> StreamingResponse:
        return StreamingResponse(server.lines(request), media_type="application/x-ndjson")

    return app


class _Server(uvicorn.Server):
    """Ends when the work that has begun is done, and begins no more."""

    seats: Seats

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.seats.close()
        super().handle_exit(sig, frame)


def serve(server: StageServer, listener: int, drain: float) -> None:
    """Answer on the socket whose file descriptor is *listener*, until SIGTERM.

    Args:
        drain: seconds that work which has begun may take to its end after SIGTERM.
    """
    threading.Thread(
        target=_end_with, args=(os.getppid(),), daemon=True, name="end-with-parent"
    ).start()

    async def run() -> None:
        config = uvicorn.Config(
            create_app(server),
            fd=listener,
            log_level="warning",
            lifespan="off",
            timeout_graceful_shutdown=round(drain),
        )
        served = _Server(config)
        served.seats = server.seats
        looking = asyncio.create_task(_look(server))
        await served.serve()
        looking.cancel()

    asyncio.run(run())


async def _look(server: StageServer) -> None:
    while True:
        await asyncio.sleep(_IDLE_POLL)
        await asyncio.to_thread(server.unload_idle)


def _end_with(parent: int) -> None:
    """End this process in good order once *parent* is no longer the process that started it."""
    while os.getppid() == parent:
        time.sleep(BEAT)
    os.kill(os.getpid(), signal.SIGTERM)
