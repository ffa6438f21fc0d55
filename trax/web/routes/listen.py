"""Live captions for clients of Deepgram: a subset of its ``/v1/listen``."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.websockets import WebSocket

from trax.errors import InvalidOption, TraxError
from trax.live.events import Handed, Noted, Numbered, Said
from trax.live.options import LiveOptions
from trax.live.session import LiveSession
from trax.service.checks import checked
from trax.service.live_sessions import LiveRoom
from trax.transcript import Word, joined_text, spelling
from trax.web.live_foreign import Message, talk
from trax.web.live_socket import refused

router = APIRouter()

_ENCODINGS = {"linear16": "s16", "linear32": "f32", "mulaw": "mulaw", "alaw": "alaw"}
_PATIENCE = 4.0  # seconds that words wait for their speaker


@router.websocket("/v1/listen")
async def listen(socket: WebSocket) -> None:
    """Begin a session; one that is cut off ends."""
    room: LiveRoom = socket.app.state.live
    caller = socket.state.caller
    try:
        caller.check("jobs")
        options = _options(socket.query_params)
        session = await run_in_threadpool(room.begin, options, caller.account, caller.name)
    except TraxError as error:
        await refused(socket, error)
        return
    await talk(socket, room, Listener(session, socket.query_params))


class Listener:
    """A client that listens.

    Attributes:
        session: what it listens to.
    """

    def __init__(self, session: LiveSession, query: QueryParams) -> None:
        self.session = session
        self._has_interim = _is_true(query, "interim_results")
        self._has_speakers = session.kept.header.options.speakers
        self._waiting: list[str] = []  # ids of words whose speaker is not known

    def greeting(self) -> list[Message]:
        """Nothing."""
        return []

    async def heard(self, data: bytes) -> list[Message]:
        """Take sound; an empty message ends it."""
        try:
            if data:
                await run_in_threadpool(self.session.feed, data)
            else:
                await run_in_threadpool(self.session.end)
        except TraxError as error:
            return [_error(str(error))]
        return []

    async def asked(self, message: Message) -> list[Message]:
        """The end, or nothing."""
        if message.get("type") == "CloseStream":
            await run_in_threadpool(self.session.end)
        return []

    def told(self, numbered: Numbered) -> list[Message]:
        """Results, and in the end what they were made of."""
        event = numbered.event
        messages = []
        if isinstance(event, Said):
            self._waiting.extend(word.id for word in event.committed)
        is_over = event.type in ("end", "job")
        ready = self._ready(all_of_them=is_over)
        if ready:
            messages.append(self._results(ready, is_final=True))
        if isinstance(event, Said) and event.tentative and self._has_interim:
            messages.append(self._results(list(event.tentative), is_final=False))
        if isinstance(event, Noted) and event.kind == "ended":
            messages.append(_error(event.text))
        if isinstance(event, Handed):
            messages.append(self._metadata())
        return messages

    def _ready(self, *, all_of_them: bool) -> list[Word]:
        """Words that wait for nothing any more."""
        captions = self.session.captions
        words = [captions.words[name] for name in self._waiting]
        count = len(words)
        if self._has_speakers and not all_of_them:
            known = [word.speaker or captions.heard - word.end > _PATIENCE for word in words]
            count = next((at for at, each in enumerate(known) if not each), count)
        del self._waiting[:count]
        return words[:count]

    def _results(self, words: list[Word], *, is_final: bool) -> Message:
        sure = [word.confidence or 0.0 for word in words]
        alternative = {
            "transcript": joined_text(words),
            "confidence": sum(sure) / len(sure),
            "words": [self._word(word) for word in words],
        }
        start = words[0].start
        return {
            "type": "Results",
            "channel_index": [0, 1],
            "duration": max(word.end for word in words) - start,
            "start": start,
            "is_final": is_final,
            "speech_final": is_final and words[-1].text.endswith((".", "?", "!")),
            "channel": {"alternatives": [alternative]},
            "metadata": {
                "request_id": self.session.id,
                "model_info": {"name": "trax", "version": "1", "arch": "whisper"},
                "model_uuid": self.session.id,
            },
        }

    def _word(self, word: Word) -> Message:
        found: Message = {
            "word": spelling(word.text) or word.text,
            "punctuated_word": word.text,
            "start": word.start,
            "end": word.end,
            "confidence": word.confidence or 0.0,
        }
        labels = self.session.captions.labels
        if self._has_speakers and word.speaker in labels:
            found["speaker"] = labels.index(word.speaker)
        return found

    def _metadata(self) -> Message:
        return {
            "type": "Metadata",
            "transaction_key": "deprecated",
            "request_id": self.session.id,
            "sha256": "",
            "created": datetime.now(UTC).isoformat(),
            "duration": self.session.duration,
            "channels": 1,
        }


def _error(text: str) -> Message:
    return {"type": "Error", "description": text, "message": text}


def _options(query: QueryParams) -> LiveOptions:
    """What a client's query asks for.

    Raises:
        InvalidOption: it is nothing that there is.
    """
    encoding = query.get("encoding", "")
    if encoding and encoding not in _ENCODINGS:
        raise InvalidOption(f"encodings are {', '.join(_ENCODINGS)}; or send a container")
    sound: dict[str, Any] = {"encoding": _ENCODINGS.get(encoding, "container")}
    for name in ("sample_rate", "channels"):
        if encoding and name in query:
            sound[name] = query[name]
    terms = [each.partition(":")[0] for each in query.getlist("keywords")]
    values = {
        "sound": sound,
        "language": query.get("language", "en").partition("-")[0],
        "hotwords": [*terms, *query.getlist("keyterm")],
        "speakers": _is_true(query, "diarize") or "diarize_model" in query,
    }
    return checked(LiveOptions, values)


def _is_true(query: QueryParams, name: str) -> bool:
    return query.get(name, "").lower() == "true"
