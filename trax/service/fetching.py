"""Recordings that lie at a URL: fetched as they come, and on from where a connection broke."""

import asyncio
from http import HTTPStatus
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin

import httpcore
from anyio import to_thread

from trax.errors import InvalidOption, RefusedTarget, Unreachable
from trax.service.reaching import Reaching, header
from trax.service.targets import Target
from trax.service.uploads import Receiving
from trax.store import Upload
from trax.work.workspace import Workspace

LONGEST = 3600.0
"""Seconds that fetching one recording may take."""

_AT_ONCE = 4  # recordings
_HOPS = 5
_TRIES = 4  # in a row without a byte
_PAUSE = 0.5  # seconds before the second try, twice as many before each further one
_SILENCE = 30.0  # seconds
_BLOCK = 1 << 20
_MOVED = (301, 302, 303, 307, 308)
_PASSING = (408, 425, 429, 500, 502, 503, 504)


class Fetcher:
    """Fetches recordings, a few at a time.

    Args:
        is_allowed: whether it does.
    """

    def __init__(self, workspace: Workspace, reaching: Reaching, *, is_allowed: bool) -> None:
        self._workspace = workspace
        self._reaching = reaching
        self._is_allowed = is_allowed
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def fetch(self, url: str, owner: str) -> Upload:
        """The recording at *url* as an upload of *owner*.

        Raises:
            InvalidOption: this service fetches nothing.
            RefusedTarget: it leads to an address that this service does not go to.
            Unreachable: it cannot be had, or takes too long.
            UnreadableAudio: it is no recording.
            LimitExceeded: it is larger than allowed.
        """
        if not self._is_allowed:
            raise InvalidOption("this service fetches no recordings from URLs: upload it")
        target = await to_thread.run_sync(self._reaching.targets.check, url)
        name = unquote(PurePosixPath(target.path.partition("?")[0]).name)
        async with self._places:
            recording = await to_thread.run_sync(Receiving, self._workspace, name)
            try:
                async with asyncio.timeout(LONGEST):
                    await self._receive(target, recording)
                return await to_thread.run_sync(recording.finish, owner)
            except TimeoutError as error:
                raise Unreachable(f"it takes more than {LONGEST:.0f} seconds") from error
            finally:
                await to_thread.run_sync(recording.close)

    async def _receive(self, target: Target, recording: Receiving) -> None:
        """Receive all bytes, over as many connections as that takes."""
        source = _Source(target)
        failures = 0
        while True:
            come = recording.size_bytes
            try:
                if await self._go_on(source, recording):
                    return
                continue  # it has moved
            except Unreachable:
                failures = 0 if recording.size_bytes > come else failures
                failures += 1
                if failures == _TRIES:
                    raise
            await asyncio.sleep(_PAUSE * 2**failures)

    async def _go_on(self, source: "_Source", recording: Receiving) -> bool:
        """Receive what one connection gives; false if the recording has moved."""
        headers = source.asking(recording.size_bytes)
        asked = self._reaching.asked("GET", source.target, headers, seconds=_SILENCE)
        async with asked as answer:
            if answer.status in _MOVED:
                source.move(self._reaching, header(answer, "location"))
                return False
            source.check(answer, recording.size_bytes)
            recording.expect(recording.size_bytes + _length(answer))
            await _copy(answer, recording)
        return True


class _Source:
    """Where a recording lies, and which one it is.

    Attributes:
        target: where it is asked for next.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self._hops = 0
        self._tag = ""

    def asking(self, come: int) -> dict[str, str]:
        """The headers that ask for the bytes after those that have *come*."""
        headers = {"Accept-Encoding": "identity", "User-Agent": "Trax"}
        if come:
            headers["Range"] = f"bytes={come}-"
            headers["If-Range"] = self._tag
        return {name: value for name, value in headers.items() if value}

    def move(self, reaching: Reaching, location: str) -> None:
        """Ask elsewhere from now on, where that is allowed."""
        self._hops += 1
        if self._hops > _HOPS:
            raise RefusedTarget(f"it leads from one address to the next more than {_HOPS} times")
        here = f"{self.target.scheme}://{self.target.authority}{self.target.path}"
        there = reaching.targets.parsed(urljoin(here, location))
        if self.target.scheme == "https" and there.scheme == "http":
            raise RefusedTarget("it leads from https:// to http://")
        self.target = there

    def check(self, answer: httpcore.Response, come: int) -> None:
        """Refuse an answer that does not give the recording's next bytes."""
        if answer.status in _PASSING:
            raise Unreachable(f"it answers with status {answer.status}")
        if not come and answer.status == HTTPStatus.OK:
            self._tag = _strong(header(answer, "etag"))
            return
        goes_on = header(answer, "content-range").startswith(f"bytes {come}-")
        if come and answer.status == HTTPStatus.PARTIAL_CONTENT and goes_on:
            return
        if come:
            raise InvalidOption("the connection broke, and the recording's server cannot go on")
        raise InvalidOption(f"there is no recording: it answers with status {answer.status}")


def _strong(tag: str) -> str:
    """An entity tag that says that every byte is the same; empty if it does not."""
    return "" if tag.startswith("W/") else tag


def _length(answer: httpcore.Response) -> int:
    said = header(answer, "content-length")
    return int(said) if said.isdecimal() and len(said) < 19 else 0


async def _copy(answer: httpcore.Response, recording: Receiving) -> None:
    """Write a body as it comes, and what came of it before it broke off."""
    block = bytearray()
    try:
        async for part in answer.aiter_stream():
            block += part
            if len(block) >= _BLOCK:
                await to_thread.run_sync(recording.write, bytes(block))
                block.clear()
    finally:
        if block:
            await to_thread.run_sync(recording.write, bytes(block))
