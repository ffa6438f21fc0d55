"""The application: routes, problems, and what happens before them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import Depends, FastAPI
from starlette.concurrency import run_in_threadpool

from trax import __version__
from trax.service.analytics.now import Watcher
from trax.service.attempts import Attempts
from trax.service.auditing import AccessLog
from trax.service.auditions import Auditions
from trax.service.counting import Requests
from trax.service.delivering import Deliverer, Posting
from trax.service.fetching import Fetcher
from trax.service.live_service import live_room
from trax.service.live_sessions import LiveRoom
from trax.service.media import Player
from trax.service.preparing import Preparations
from trax.service.reaching import Reaching
from trax.service.serving import Service
from trax.store.accesses import AccessRepository
from trax.store.request_counts import RequestCountRepository
from trax.web.auditing import Audited
from trax.web.bells import Bells
from trax.web.coediting.open_documents import OpenDocuments
from trax.web.description import SUMMARY, TAGS, add_description
from trax.web.feed import watch
from trax.web.gate import Gate
from trax.web.limits import BodyLimits, RateLimits
from trax.web.metrics import Metered, Metrics
from trax.web.middleware import RequestIds
from trax.web.origins import add_origins
from trax.web.outdated import add_outdated
from trax.web.problems import add_handlers, foreign_responses, responses
from trax.web.readings import Readings
from trax.web.rights import Rights
from trax.web.routes import (
    about,
    adapters,
    analytics,
    audit,
    coediting,
    comments,
    events,
    folders,
    health,
    jobs,
    links,
    listen,
    live,
    media,
    metrics,
    oidc,
    openai,
    pages,
    passages,
    realtime,
    recordings,
    revisions,
    revoicing,
    speakers,
    strangers,
    tags,
    tokens,
    transcripts,
    tus,
    uploads,
    users,
    voices,
    webhooks,
)
from trax.web.things import check_things
from trax.web.tidying import caption, carry, exchange, take_over, tidy

_JSON_BYTES = 1 << 20  # of any body but a recording's
_FORM_BYTES = 1 << 20  # that a form may have besides its recording
_UPLOADS = ("/v1/uploads", "/v1/audio/")

_ANYWHERE = responses(400, 401, 403, 422, 429, 503)
_FOREIGN = foreign_responses(400, 401, 403, 404, 413, 429, 503)

_ROUTES = (
    uploads,
    tus,
    events,  # before jobs, which have things of any name
    revoicing,
    jobs,
    webhooks,
    transcripts,
    revisions,
    coediting,
    comments,
    passages,
    speakers,
    tags,
    media,
    recordings,
    voices,
    strangers,
    about,
    adapters,
    tokens,
    users,
    folders,
    links,
    live,
    analytics,
    audit,
    oidc,
)


def create_app(service: Service, drain: float = 30.0) -> FastAPI:
    """The application over *service*, whose workers it starts and ends.

    Args:
        drain: seconds that jobs may take to their end when the application ends.
    """
    bells = Bells()
    player = Player(service.workspace, Preparations())
    reaching = Reaching(service.targets)
    room = live_room(service)
    app = FastAPI(
        title="Trax",
        version=__version__,
        description=SUMMARY,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        openapi_tags=TAGS,
        dependencies=[Depends(check_things)],
        lifespan=_lifespan(service, bells, player, reaching, room, drain),
    )
    app.state.bells = bells
    app.state.player = player
    app.state.live = room
    _add_state(app, service, bells, reaching)
    for routes in _ROUTES:
        app.include_router(routes.router, responses=_ANYWHERE)
    app.include_router(comments.shared, responses=_ANYWHERE)
    app.include_router(openai.router, responses=_FOREIGN)
    app.include_router(listen.router)
    app.include_router(realtime.router)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(pages.router)
    add_description(app)
    add_handlers(app)
    add_outdated(app)
    largest = service.workspace.limits.size_bytes + _FORM_BYTES
    # The last one added comes first.
    app.add_middleware(BodyLimits, usual=_JSON_BYTES, others=dict.fromkeys(_UPLOADS, largest))
    app.add_middleware(RateLimits, requests=app.state.requests)
    app.add_middleware(Gate, access=service.access, rights=app.state.rights)
    app.add_middleware(Audited, log=app.state.accesses)
    app.add_middleware(Metered, metrics=app.state.metrics)
    add_origins(app, service.settings.cors_origins)
    app.add_middleware(RequestIds)
    return app


def _add_state(app: FastAPI, service: Service, bells: Bells, reaching: Reaching) -> None:
    """Give *app* what routes and middleware share, and nobody has to end."""
    accesses = AccessRepository(service.workspace.database)
    app.state.service = service
    app.state.documents = OpenDocuments(service.workspace)
    app.state.watcher = Watcher(service.workspace.database, service.settings)
    app.state.readings = Readings(service.workspace.events, bells)
    app.state.attempts = Attempts()
    app.state.auditions = Auditions()
    shared = RequestCountRepository(service.workspace.database)
    app.state.requests = Requests(service.allowances, shared)
    app.state.rights = Rights(service.workspace.folders)
    app.state.metrics = Metrics()
    app.state.oidc = _provider(service)
    app.state.accesses = AccessLog(accesses, service.settings.audit_days)
    app.state.fetcher = Fetcher(
        service.workspace, reaching, is_allowed=service.settings.url_uploads
    )


def _provider(service: Service) -> object | None:
    """Where an organisation's people sign in, if they do."""
    if not service.settings.oidc.issuer:
        return None
    from trax.service.oidc import Provider

    return Provider(service.settings.oidc)


def _lifespan(
    service: Service,
    bells: Bells,
    player: Player,
    reaching: Reaching,
    room: LiveRoom,
    drain: float,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service.workers.listen(bells.job_changed)
        service.workers.start()
        app.state.accesses.start()
        deliverer = Deliverer(service.workspace.database, Posting(reaching))
        duties = (
            watch(service, bells),
            deliverer.run(),
            tidy(service),
            carry(service),
            caption(service, room),
            exchange(app.state.requests),
            take_over(service),
            app.state.rights.watch(),
            app.state.documents.watch(),
        )
        tasks = [asyncio.create_task(each) for each in duties]
        yield
        for task in tasks:
            task.cancel()
        bells.close()
        await app.state.documents.close()
        player.close()
        await run_in_threadpool(room.stop)
        await reaching.close()
        await run_in_threadpool(service.workers.stop, drain)
        await run_in_threadpool(app.state.accesses.stop)

    return lifespan
