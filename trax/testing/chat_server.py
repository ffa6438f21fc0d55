"""A server that speaks OpenAI's chat protocol and answers as a script says. Run it: it prints its
address.

The name of the model is the script:

- ``fix`` writes right what the file of ``--fixes`` names wrong;
- ``oracle`` knows how whole lines should read: ``--fixes`` names those;
- ``vandal`` invents, drops and reorders words of every line;
- ``malicious`` obeys what the lines say;
- ``notes`` titles, summarises, divides; half of what it says was said was not;
- ``echo`` gives every line back, in capitals, as a translation does;
- ``empty``, ``refuse``, ``cut``, ``malformed``, ``garbage``, ``500``, ``429``, ``401``, ``slow``
  fail so, always;
- ``SCRIPT-after-N-STATUS`` answers N requests with a status first, such as ``fix-after-2-429``.

With ``--answers N`` the server is gone after so many. ``GET /log`` gives every request so far.
Tokens are counted by a ``--tokenizer`` (a ``tokenizer.json``), or as words.
"""

import argparse
import json
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from difflib import SequenceMatcher
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_LINE = re.compile(r"^(\d+)(?::| [^:]+:) (.*)$", re.MULTILINE)
_FORM = re.compile(r'Form of the answer: \{"(\w+)"')
_SCRIPT = re.compile(r"(?P<name>\w+?)(?:-after-(?P<after>\d+)-(?P<status>\d+))?")
_CACHED_AT_ONCE = 64  # tokens: the unit of DeepSeek's cache


class _State:
    """What all requests share."""

    def __init__(self, fixes: Mapping[str, str], tokenizer: str, slow: float, most: int) -> None:
        self.fixes, self.slow, self.most, self._tokenizer = fixes, slow, most, tokenizer
        self.log: list[dict[str, Any]] = []
        self.answers = 0
        self.lock = threading.Lock()
        self._prompts: list[list[Any]] = []

    @cached_property
    def _encode(self) -> Callable[[str], list[Any]]:
        if not self._tokenizer:
            return str.split
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(self._tokenizer)
        return lambda text: list(tokenizer.encode(text, add_special_tokens=False).ids)

    def usage(self, prompt: str, answer: str) -> dict[str, Any]:
        """Tokens, with those that an earlier request began with as well."""
        with self.lock:
            tokens = self._encode(prompt)
            shared = max((_shared(tokens, other) for other in self._prompts), default=0)
            self._prompts.append(tokens)
            hit = shared // _CACHED_AT_ONCE * _CACHED_AT_ONCE
            written = len(self._encode(answer))
        return {
            "prompt_tokens": len(tokens),
            "completion_tokens": written,
            "total_tokens": len(tokens) + written,
            "prompt_cache_hit_tokens": hit,
            "prompt_cache_miss_tokens": len(tokens) - hit,
        }


def _shared(one: list[Any], other: list[Any]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


class _Handler(BaseHTTPRequestHandler):
    state: _State

    def do_GET(self) -> None:
        """The log."""
        self._send(200, self.state.log)

    def do_POST(self) -> None:
        """One call of the chat protocol."""
        state = self.state
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with state.lock:
            count = len(state.log)
            state.log.append(
                {
                    "at": time.monotonic(),
                    "key": self.headers.get("Authorization", ""),
                    "request": request,
                }
            )
        script = _SCRIPT.fullmatch(request["model"])
        if script is None:
            self._fail(404)
        elif script["after"] and count < int(script["after"]):
            self._fail(int(script["status"]))
        elif script["name"].isdecimal():
            self._fail(int(script["name"]))
        else:
            if script["name"] == "slow":
                time.sleep(state.slow)
            self._answer(request, script["name"])
            state.answers += 1
            if state.answers == state.most:
                os._exit(0)

    def _answer(self, request: Mapping[str, Any], script: str) -> None:
        system, user = (message["content"] for message in request["messages"])
        form = _FORM.search(system)
        field = form[1] if form else ""
        text, reason = _text(script, field, user, self.state.fixes), "stop"
        if script == "cut":
            text, reason = text[: len(text) // 2], "length"
        if script == "refuse":
            text, reason = "I cannot help with that.", "content_filter"
        body: Any = {
            "id": "scripted",
            "object": "chat.completion",
            "created": 0,
            "model": request["model"],
            "choices": [
                {
                    "index": 0,
                    "finish_reason": reason,
                    "message": {"role": "assistant", "content": text},
                },
            ],
            "usage": self.state.usage(system + user, text),
        }
        self._send(200, {"unexpected": True} if script == "garbage" else body)

    def _fail(self, status: int) -> None:
        headers = {"Retry-After": "1"} if status == 429 else {"retry-after-ms": "10"}
        self._send(
            status,
            {"error": {"message": f"scripted {status} {self.headers.get('Authorization', '')}"}},
            headers,
        )

    def _send(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""


def _text(script: str, field: str, user: str, fixes: Mapping[str, str]) -> str:
    """An answer's text."""
    lines = {int(number): line.replace("*", "") for number, line in _LINE.findall(user)}
    if script == "empty":
        return ""
    if script == "malformed":
        return '{"edits": [{"n": 1, "old": '
    writers: dict[str, Callable[[str, dict[int, str], Mapping[str, str]], Any]] = {
        "oracle": _known,
        "vandal": _vandalised,
        "malicious": _obeyed,
        "notes": _notes,
        "echo": _echoed,
    }
    return json.dumps(writers.get(script, _fixed)(field, lines, fixes), ensure_ascii=False)


def _fixed(field: str, lines: dict[int, str], fixes: Mapping[str, str]) -> Any:
    found = [
        (n, old, new) for n, line in lines.items() for old, new in fixes.items() if old in line
    ]
    if field == "edits":
        return {"edits": [f"{n}: {old} => {new}" for n, old, new in found]}
    if field == "sentences":
        return {
            "sentences": [{"n": n, "text": lines[n].replace(old, new)} for n, old, new in found]
        }
    return _notes(field, lines, fixes)


def _known(field: str, lines: dict[int, str], fixes: Mapping[str, str]) -> Any:
    """Words of a line that should be others, place by place; nothing is added or left out, as it
    was told.
    """
    if field == "sentences":
        return {
            "sentences": [
                {"n": n, "text": fixes[line]}
                for n, line in lines.items()
                if fixes.get(line, line) != line
            ]
        }
    edits = [
        f"{n}: {old} => {new}"
        for n, line in lines.items()
        for old, new in _differences(line.split(), fixes.get(line, line).split())
    ]
    return {"edits": edits} if field == "edits" else _notes(field, lines, fixes)


def _differences(line: list[str], right: list[str]) -> Iterator[tuple[str, str]]:
    """Words and what should stand there."""
    here, there = (
        [re.sub(r"[^\w']", "", word).casefold() for word in words] for words in (line, right)
    )
    for tag, a, b, c, d in SequenceMatcher(a=here, b=there, autojunk=False).get_opcodes():
        if tag == "replace":
            yield " ".join(line[a:b]), " ".join(right[c:d])


def _vandalised(field: str, lines: dict[int, str], _fixes: Mapping[str, str]) -> Any:
    """Line by line in turn: a word replaced, the first one dropped, words added, all turned
    round.
    """
    ways: tuple[Callable[[list[str]], tuple[str, str]], ...] = (
        lambda line: (line[-2] if len(line) > 1 else line[0], "zebra"),
        lambda line: (line[0], ""),
        lambda line: (line[-1], f"{line[-1]} which nobody said"),
        lambda line: (" ".join(line), " ".join(reversed(line))),
    )
    done = {n: ways[n % len(ways)](line.split()) for n, line in lines.items() if line.split()}
    if field == "edits":
        return {"edits": [f"{n}: {old} => {new}" for n, (old, new) in done.items()]}
    if field == "sentences":
        return {
            "sentences": [
                {"n": n, "text": lines[n].replace(old, new, 1)} for n, (old, new) in done.items()
            ]
        }
    return _notes(field, lines, {})


def _obeyed(field: str, lines: dict[int, str], _fixes: Mapping[str, str]) -> Any:
    """Whatever a line orders: all of it becomes a link and a confession."""
    text = "HACKED <script>alert(1)</script> https://evil.example I will obey. \u202e\x00"
    if field == "edits":
        words = [f"{n}: {word} => HACKED" for n, line in lines.items() for word in line.split()]
        return {"edits": [*words, *(f"{n}: {line} => {text}" for n, line in lines.items())]}
    if field == "sentences":
        return {"sentences": [{"n": n, "text": text} for n in lines]}
    return _notes(field, dict.fromkeys(lines, text), {})


def _notes(field: str, lines: dict[int, str], _fixes: Mapping[str, str]) -> Any:
    first = min(lines, default=1)
    line = lines.get(first, "")
    said, unsaid = " ".join(line.split()[:4]), "words that nobody ever said"
    written: dict[str, Any] = {
        "title": f"About {said}",
        "summary": f"They say: {line}",
        "chapters": [{"n": first, "title": "Opening"}, {"n": 999_999, "title": "Nowhere"}],
        "items": [
            {"n": first, "text": "do it", "quote": said},
            {"n": first, "text": "invented", "quote": unsaid},
        ],
        "names": [
            {"speaker": "Speaker 1", "name": (said.split() or ["x"])[0], "n": first, "quote": said},
            {"speaker": "Speaker 1", "name": "Zaphod", "n": first, "quote": said},
        ],
        "starts": list(lines)[::3],
        "lines": [],
        "sentences": [],
        "edits": [],
    }
    return {field: written.get(field, [])}


def _echoed(field: str, lines: dict[int, str], fixes: Mapping[str, str]) -> Any:
    if field == "sentences":
        return {"sentences": [{"n": n, "text": line.upper()} for n, line in lines.items()]}
    return _notes(field, lines, fixes)


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description="A scripted chat server on loopback.")
    parser.add_argument("--fixes", type=Path, help="JSON file: what is wrong to what is right")
    parser.add_argument("--tokenizer", default="", help="tokenizer.json to count tokens with")
    parser.add_argument(
        "--slow", type=float, default=3.0, help="seconds that the script `slow` takes"
    )
    parser.add_argument("--answers", type=int, default=0, help="stop after so many")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    fixes = json.loads(arguments.fixes.read_text(encoding="utf-8")) if arguments.fixes else {}
    _Handler.state = _State(fixes, arguments.tokenizer, arguments.slow, arguments.answers)
    server = ThreadingHTTPServer(("127.0.0.1", arguments.port), _Handler)
    sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}/v1\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
