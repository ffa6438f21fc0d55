"""OpenAI's paths: its unmodified clients transcribe here."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from trax.errors import InvalidOption, NotFound, StoreUnavailable, TraxError
from trax.export.translation import translation_of
from trax.service import serving
from trax.service.serving import Service, Submitted, failure_of
from trax.service.uploads import Receiving
from trax.store import JobRecord
from trax.transcript import Transcript
from trax.web.asking import LONGEST_WAIT, Reader, TheBells, TheService, caller_of, ended
from trax.web.bells import Bells
from trax.web.forms import form_described, read_form
from trax.web.openai.answers import MEDIA_TYPES, described, rendered, streamed
from trax.web.openai.asked import Asked, model_names, read_asked
from trax.web.problems import error_problem

router = APIRouter(prefix="/v1", tags=["openai"])

_PING = 15.0  # seconds of silence on a stream
_MADE = 1_760_000_000  # when a model came to be: nobody knows

_FORMATS = ["json", "text", "srt", "vtt", "verbose_json", "diarized_json"]
_FORM = form_described(
    {
        "model": {"type": "string", "examples": ["whisper-1", "accurate"]},
        "language": {"type": "string"},
        "prompt": {"type": "string"},
        "response_format": {"type": "string", "enum": _FORMATS},
        "stream": {"type": "boolean"},
    },
    ["file", "model"],
)


@router.post(
    "/audio/transcriptions",
    summary="Transcribe, as with OpenAI",
    response_class=Response,
    openapi_extra=_FORM,
)
async def transcriptions(request: Request, service: TheService, bells: TheBells) -> Response:
    """Send a recording as a form, and wait for its transcript. `model` is a plan (`fast`,
    `balanced`, `accurate`), a model of Trax, or one of OpenAI's names. `verbose_json` and
    `diarized_json` say who speaks, and how sure each word is.
    """
    return await _answered(request, service, bells, translate=False)


@router.post(
    "/audio/translations",
    summary="Translate into English, as with OpenAI",
    response_class=Response,
    openapi_extra=_FORM,
)
async def translations(request: Request, service: TheService, bells: TheBells) -> Response:
    """The same, translated by the language model that the service uses, if it has one."""
    return await _answered(request, service, bells, translate=True)


@router.get("/models", summary="List models, as with OpenAI")
def models(_caller: Reader) -> dict[str, Any]:
    """Plans, OpenAI's names for them, and models of Trax."""
    return {"object": "list", "data": [_model(name) for name in model_names()]}


@router.get("/models/{name}", summary="Show a model, as with OpenAI")
def model(name: str, _caller: Reader) -> dict[str, Any]:
    """One of those that are listed."""
    if name not in model_names():
        raise NotFound("model", name)
    return _model(name)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": _MADE, "owned_by": "trax"}


async def _answered(
    request: Request, service: Service, bells: Bells, *, translate: bool
) -> Response:
    caller_of(request).check("jobs")
    form = await read_form(request, lambda name: Receiving(service.workspace, name))
    try:
        if form.recording is None:
            raise InvalidOption("the form has no file")
        enhance = await run_in_threadpool(serving.has_language_model, service)
        asked = read_asked(form, translate=translate, enhance=enhance)
        job = (await run_in_threadpool(_submitted, request, service, form.recording, asked)).job
    finally:
        if form.recording is not None:
            await run_in_threadpool(form.recording.close)
    if asked.stream:
        stream = _streamed(request, service, bells, job, asked)
        return StreamingResponse(stream, media_type="text/event-stream", headers=_UNBUFFERED)
    document = await _document(service, bells, job, asked)
    media_type = MEDIA_TYPES.get(asked.response_format)
    if media_type is None:
        return JSONResponse(described(document, asked))
    return Response(rendered(document, asked), media_type=media_type)


_UNBUFFERED = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


def _submitted(request: Request, service: Service, recording: Receiving, asked: Asked) -> Submitted:
    caller = caller_of(request)
    upload = recording.finish(caller.id)
    return serving.submit(service, caller, upload, asked.options)


async def _document(service: Service, bells: Bells, job: JobRecord, asked: Asked) -> Transcript:
    """The job's transcript, once it is there."""
    while not serving.is_over(job) and not bells.closed:
        job = await ended(service, bells, job, LONGEST_WAIT)
    return await run_in_threadpool(_read, service, job, asked)


def _read(service: Service, job: JobRecord, asked: Asked) -> Transcript:
    if not serving.is_over(job):
        raise StoreUnavailable("the service is ending; the job goes on when it is started again")
    if job.transcript_id is None or job.error is not None:
        raise failure_of(job)
    document = service.workspace.repository.get(job.transcript_id, job.transcript_version)
    language = asked.options.enhancement.language
    return translation_of(document, language) if language else document


async def _streamed(
    request: Request, service: Service, bells: Bells, job: JobRecord, asked: Asked
) -> AsyncIterator[str]:
    """Events as OpenAI's clients read them, and comments while there is nothing to tell."""
    reading = asyncio.create_task(_document(service, bells, job, asked))
    try:
        while not (await asyncio.wait({reading}, timeout=_PING))[0]:
            yield ": still at work\n\n"
        for event in streamed(reading.result(), asked):
            yield _line(json.dumps(event, ensure_ascii=False))
        yield _line("[DONE]")
    except TraxError as error:
        yield _line(bytes(error_problem(request.scope, error).body).decode())
    finally:
        reading.cancel()


def _line(data: str) -> str:
    return f"data: {data}\n\n"
