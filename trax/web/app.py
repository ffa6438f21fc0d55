"""The application: routes, problems, and what happens before them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from trax import __version__
from trax.service.serving import Service
from trax.web.bells import Bells
from trax.web.middleware import BodyLimits, Gate, RequestIds
from trax.web.problems import add_handlers
from trax.web.routes import health, jobs, transcripts, uploads

_JSON_BYTES = 1 << 20  # of any body but a recording's
_FORM_BYTES = 1 << 20  # that a form may have besides its recording
_UPLOADS = ("/v1/uploads",)

_DESCRIPTION = """
Recordings in; transcripts out that say who said what, when, and how sure we are.

Send a recording to `/v1/uploads`, make a job of it at `/v1/jobs`, and read its transcript at
`/v1/transcripts`. Times are RFC 3339, durations and positions seconds. Errors are RFC 9457
problems. Lists come in pages: pass `next_cursor` as `cursor`.
"""

_TAGS = [
    {"name": "uploads", "description": "Recordings that are handed in."},
    {"name": "jobs", "description": "Recordings that are transcribed."},
    {"name": "transcripts", "description": "Documents, versions, exports, search."},
    {"name": "health", "description": "Whether the service lives, and whether it can work."},
]


def create_app(service: Service, drain: float = 30.0) -> FastAPI:
    """The application over *service*, whose workers it starts and ends.

    Args:
        drain: seconds that jobs may take to their end when the application ends.
    """
    bells = Bells()
    app = FastAPI(
        title="Trax",
        version=__version__,
        description=_DESCRIPTION,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        openapi_tags=_TAGS,
        lifespan=_lifespan(service, bells, drain),
    )
    app.state.service = service
    app.state.bells = bells
    for routes in (uploads, jobs, transcripts, health):
        app.include_router(routes.router)
    add_handlers(app)
    largest = service.workspace.limits.size_bytes + _FORM_BYTES
    # The last one added comes first.
    app.add_middleware(BodyLimits, usual=_JSON_BYTES, others=dict.fromkeys(_UPLOADS, largest))
    app.add_middleware(Gate, access=service.access)
    app.add_middleware(RequestIds)
    return app


def _lifespan(
    service: Service, bells: Bells, drain: float
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        service.workers.listen(bells.ring)
        service.workers.start()
        yield
        bells.close()
        await run_in_threadpool(service.workers.stop, drain)

    return lifespan
