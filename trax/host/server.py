"""The engine process itself: stages over HTTP on a socket of this machine."""

import asyncio
import logging
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from trax import __version__
from trax.hardware import peak_memory
from trax.host.seats import Refused, Turns
from trax.host.wire import FINAL, EngineStatus, Event, Failure, StageRequest
from trax.progress import StageRun, reporting
from trax.stages import all as pipeline
from trax.work.running import StageResult
from trax.work.workspace import Workspace

BEAT = 2.0
"""Seconds of silence after which a sign of life is sent."""

_STAGES = {"recognise": pipeline.recognise, "diarize": pipeline.diarize}
_SHOWN = 0.2  # seconds between two reports of progress
_IDLE_LOOKS = 10.0  # seconds between looks for models that nobody uses

_log = logging.getLogger("trax")

Tell = Callable[[Event], None]


class StageServer:
    """Runs stages on one device, with whatever its workspace keeps loaded.

    Args:
        device: its name.
        store: tells callers whether they keep objects in the same place.
        seats: stages at once.
        longest: stages that may wait.
        idle: seconds after which a model that nobody used is unloaded.
    """

    def __init__(
        self,
        workspace: Workspace,
        device: str,
        store: str,
        *,
        seats: int = 2,
        longest: int = 64,
        idle: float = 600.0,
    ) -> None:
        self.turns = Turns(seats, longest)
        self._workspace, self._device, self._store, self._idle = workspace, device, store, idle
        self._finished: Counter[str] = Counter()
        self._failed = 0
        self._began = time.monotonic()

    def status(self) -> EngineStatus:
        """How this process is."""
        manager = self._workspace.engines.manager
        return EngineStatus(
            device=self._device,
            state="draining" if self.turns.closed else "ready",
            process=os.getpid(),
            trax=__version__,
            store=self._store,
            running=self.turns.running,
            waiting=self.turns.waiting,
            finished=dict(self._finished),
            failed=self._failed,
            loads=manager.loads,
            loaded={use.name: use.size_bytes for use in manager.loaded},
            seconds=round(time.monotonic() - self._began, 1),
            peak_memory_bytes=peak_memory(),
        )

    async def events(self, request: StageRequest) -> AsyncIterator[bytes]:
        """What happens to a stage, a line an event. Once nobody listens any more, the stage is
        stopped.
        """
        queue: asyncio.Queue[Event] = asyncio.Queue()
        loop, stop, told = asyncio.get_running_loop(), threading.Event(), threading.Event()

        def tell(event: Event) -> None:
            loop.call_soon_threadsafe(queue.put_nowait, event)

        threading.Thread(
            target=self._run, args=(request, tell, told, stop), daemon=True, name=request.stage
        ).start()
        try:
            while True:
                try:
                    event = await asyncio.wait_for(queue.get(), BEAT)
                except TimeoutError:
                    event = Event(kind="beat")
                yield event.line()
                if event.kind == "running":
                    told.set()
                if event.kind in FINAL:
                    return
        finally:
            stop.set()
            told.set()

    def unload_idle(self) -> None:
        """Let go of models that nobody used for a while."""
        gone = [] if self.turns.running else self._workspace.engines.manager.unload_idle(self._idle)
        if gone:
            _log.info("%s unloaded: nobody used it for %.0f s", ", ".join(gone), self._idle)

    def _run(
        self, request: StageRequest, tell: Tell, told: threading.Event, stop: threading.Event
    ) -> None:
        """Run a stage when it is its turn, and say how it ends."""
        try:
            tell(Event(kind="done", result=self._result(request, tell, told, stop)))
            self._finished[request.stage] += 1
        except Refused as error:
            tell(Event(kind="refused", message=str(error)))
        except Exception as error:  # noqa: BLE001 - the edge of one stage: its caller is told, the others go on
            self._failed += 1
            tell(Event(kind="failed", failure=Failure.of(error)))

    def _result(
        self, request: StageRequest, tell: Tell, told: threading.Event, stop: threading.Event
    ) -> StageResult:
        """What the stage gives. It begins once the caller has been told so: if the process dies,
        the caller knows.
        """

        def place(ahead: int) -> None:
            tell(Event(kind="waiting", ahead=ahead) if ahead else Event(kind="running"))

        name = f"{request.job.id} {request.stage}"
        with self.turns.seat(name, stop, place, alone=request.alone) as rest:
            told.wait()
            with reporting(_Relay(tell, rest), stop):
                return _STAGES[request.stage](self._workspace, request.job, request.audio)


class _Relay:
    """Passes a stage's reports on, and lets others work between its steps."""

    def __init__(self, tell: Tell, rest: Callable[[], None]) -> None:
        self._tell, self._rest, self._shown = tell, rest, 0.0

    def started(self, stage: str) -> None:
        """The caller has said so."""

    def advanced(self, _stage: str, share: float) -> None:
        """A stage has done *share* of its work."""
        if time.monotonic() - self._shown >= _SHOWN:
            self._shown = time.monotonic()
            self._tell(Event(kind="advanced", share=share))
        self._rest()

    def finished(self, run: StageRun) -> None:
        """The caller will say so."""

    def failed(self, stage: str, error: BaseException) -> None:
        """The caller will say so."""

    def noted(self, message: str) -> None:
        """Something that people want to know."""
        self._tell(Event(kind="noted", message=message))


def create_app(server: StageServer) -> FastAPI:
    """What the engine process answers: ``GET /status``, ``POST /stages``."""
    app = FastAPI(title="Trax engine", version=__version__)

    @app.get("/status")
    async def status() -> EngineStatus:
        return server.status()

    @app.post("/stages")
    async def stages(request: StageRequest) -> StreamingResponse:
        return StreamingResponse(server.events(request), media_type="application/x-ndjson")

    return app


class _Server(uvicorn.Server):
    """Ends when the work that has begun is done, and begins no more."""

    turns: Turns

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.turns.close()
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
        served.turns = server.turns
        looking = asyncio.create_task(_look(server))
        await served.serve()
        looking.cancel()

    asyncio.run(run())


async def _look(server: StageServer) -> None:
    while True:
        await asyncio.sleep(_IDLE_LOOKS)
        await asyncio.to_thread(server.unload_idle)


def _end_with(parent: int) -> None:
    """End this process in good order once *parent* is no longer the process that started it."""
    while os.getppid() == parent:
        time.sleep(BEAT)
    os.kill(os.getpid(), signal.SIGTERM)
