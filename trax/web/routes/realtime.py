"""Live captions for clients of OpenAI: the transcription part of its realtime API."""

import base64
import secrets
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket

from trax.errors import InvalidOption, TraxError
from trax.live.events import Noted, Numbered, Said
from trax.live.options import LiveOptions
from trax.live.session import LiveSession
from trax.service.access import Caller
from trax.service.checks import checked
from trax.service.live_sessions import LiveRoom
from trax.transcript import Word, joined_text
from trax.web.live_foreign import Message, talk
from trax.web.live_socket import refused

router = APIRouter()

_FORMATS = {"audio/pcm": "s16", "audio/pcmu": "mulaw", "audio/pcma": "alaw"}
_PAUSE = 0.5  # seconds without words that end an item


@router.websocket("/v1/realtime")
async def realtime(socket: WebSocket) -> None:
    """Begin a session with the first sound; one that is cut off ends."""
    room: LiveRoom = socket.app.state.live
    try:
        socket.state.caller.check("jobs")
        await run_in_threadpool(room.check_room)
    except TraxError as error:
        await refused(socket, error)
        return
    await talk(socket, room, RealtimeClient(room, socket.state.caller))


class RealtimeClient:
    """A client that sends sound in messages.

    Attributes:
        session: begun with the first sound.
    """

    def __init__(self, room: LiveRoom, caller: Caller) -> None:
        self.session: LiveSession | None = None
        self._room = room
        self._caller = caller
        self._id = f"sess_{secrets.token_hex(8)}"
        self._input: dict[str, Any] = {"format": {"type": "audio/pcm", "rate": 24_000}}
        self._item = _new_item()
        self._said: list[Word] = []

    def greeting(self) -> list[Message]:
        """That there is a session."""
        return [self._about("session.created")]

    async def heard(self, data: bytes) -> list[Message]:
        """Sound comes in messages alone."""
        return [_error(f"{len(data)} bytes outside of a message")]

    async def asked(self, message: Message) -> list[Message]:
        """Settings, sound, the end of an item."""
        try:
            match message.get("type"):
                case "session.update" | "transcription_session.update":
                    return self._updated(message.get("session") or {})
                case "input_audio_buffer.append":
                    await run_in_threadpool(self._append, message.get("audio"))
                    return []
                case "input_audio_buffer.commit":
                    return self._completed()
                case "input_audio_buffer.clear":
                    return [_event("input_audio_buffer.cleared")]
        except TraxError as error:
            return [_error(str(error))]
        except (AttributeError, TypeError):  # a text where an object belongs, or the like
            return [_error("the message is not one of transcription")]
        return [_error(f"there is no {message.get('type')!r} in transcription")]

    def told(self, numbered: Numbered) -> list[Message]:
        """Text as it is certain; the whole of an item at a pause."""
        event = numbered.event
        if isinstance(event, Noted) and event.kind == "ended":
            return [_error(event.text)]
        if not isinstance(event, Said):
            return self._completed() if event.type == "end" and self._said else []
        messages = []
        for word in event.committed:
            if self._is_over(word.start):
                messages += self._completed()
            text = f" {word.text}" if self._said and not word.joined else word.text
            self._said.append(word)
            messages.append(self._about_item("delta", delta=text))
        if self._is_over(event.heard) and not event.tentative:
            messages += self._completed()
        return messages

    def _is_over(self, now: float) -> bool:
        """Whether a pause has ended the item."""
        return bool(self._said) and now - self._said[-1].end > _PAUSE

    def _updated(self, session: dict[str, Any]) -> list[Message]:
        if self.session is not None:
            raise InvalidOption("settings cannot change once there was sound")
        given = (session.get("audio") or {}).get("input") or {}
        self._input.update({name: value for name, value in given.items() if value is not None})
        return [self._about("session.updated")]

    def _append(self, audio: object) -> None:
        if self.session is None:
            options = self._options()
            self.session = self._room.begin(options, self._caller.account, self._caller.name)
        try:
            data = base64.b64decode(str(audio), validate=True)
        except ValueError as error:
            raise InvalidOption("the sound is not in base64") from error
        self.session.feed(data)

    def _options(self) -> LiveOptions:
        kind = self._input["format"]
        if kind.get("type") not in _FORMATS:
            raise InvalidOption(f"formats are {', '.join(_FORMATS)}")
        rate = kind.get("rate", 24_000) if kind["type"] == "audio/pcm" else 8_000
        wanted = self._input.get("transcription") or {}
        values = {
            "sound": {"encoding": _FORMATS[kind["type"]], "sample_rate": rate},
            "language": wanted.get("language") or "en",
            "hotwords": wanted.get("keywords") or (),
            "speakers": False,
        }
        return checked(LiveOptions, values)

    def _completed(self) -> list[Message]:
        text = joined_text(self._said)
        seconds = self._said[-1].end - self._said[0].start if self._said else 0.0
        messages = [
            _event("input_audio_buffer.committed", item_id=self._item, previous_item_id=None),
            self._about_item(
                "completed", transcript=text, usage={"type": "duration", "seconds": seconds}
            ),
        ]
        self._item = _new_item()
        self._said = []
        return messages

    def _about_item(self, kind: str, **more: object) -> Message:
        name = f"conversation.item.input_audio_transcription.{kind}"
        return _event(name, item_id=self._item, content_index=0, **more)

    def _about(self, kind: str) -> Message:
        session = {
            "id": self._id,
            "object": "realtime.transcription_session",
            "type": "transcription",
            "audio": {"input": self._input},
        }
        return _event(kind, session=session)


def _event(kind: str, **more: object) -> Message:
    return {"type": kind, "event_id": f"event_{secrets.token_hex(8)}", **more}


def _error(text: str) -> Message:
    told = {"type": "invalid_request_error", "code": None, "message": text, "param": None}
    return _event("error", error=told)


def _new_item() -> str:
    return f"item_{secrets.token_hex(8)}"
