"""The transcript's page in a real Chromium: how soon it is there, and how it keeps up with typing.

    python -m benchmarks.editor [HOURS...]

Transcripts are made up: 10,000 words and two speakers for one hour, 90,000 words and eight speakers
for ten. The sound is noise of that length. Everything runs on this machine.
"""

import io
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from statistics import quantiles
from typing import Any

import av
import httpx
import numpy as np
from selenium import webdriver

from benchmarks.report import Row, write
from trax.service.recordings import upload
from trax.store import JobRequest
from trax.testing.browser import chromium, show_as
from trax.testing.engine_server import scripted_workspace
from trax.testing.samples import transcript
from trax.testing.servers import WebServer
from trax.testing.waiting import wait_until
from trax.transcript import Segment, Speaker, Transcript, Turn, Word, identified
from trax.work.workspace import Workspace

SIZES = {1: (10_000, 2), 10: (90_000, 8)}  # words and speakers, by hours
_RATE = 16_000  # Hz, of the noise
_A_SEGMENT = 12  # words
_KEYS = 240
_UNDONE = 1000
_CLICKS = 40
_PLACES = 12
_HEARD_SECONDS = 20

_NOTES = [
    "Browser, service and database ran on one machine of two cores that others used too; "
    "Chromium without a graphics card.",
    "Key to paint: from the key's time stamp to the message after the next frame. Work: what the "
    "page's thread did for it, in handlers, layout and painting, without waiting for the frame. "
    "CPU: what the processor gave that thread, saving included, whatever else the machine did.",
    "Click to sound: from the click on a word to the first time that the sound has gone on.",
    "Lag of the mark: how long after a word's start its mark was drawn, at normal speed.",
]

_BEFORE = """
window.shown = 0;
new MutationObserver((_, watcher) => {
  if (!document.querySelector('.cm-line')?.textContent) return;
  watcher.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(() => { window.shown = performance.now(); }));
}).observe(document, {childList: true, subtree: true});
"""
_WATCH_KEYS = """
window.keys = [];
addEventListener('keydown', (event) => {
  const began = performance.now();
  let handled = began;
  queueMicrotask(() => { handled = performance.now(); });
  requestAnimationFrame((frame) => {
    const drawing = performance.now();
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      const done = performance.now();
      window.keys.push([done - event.timeStamp, handled - began + done - drawing]);
    };
    channel.port2.postMessage(0);
  });
}, {capture: true});
"""
_NODES = """
const walk = document.createTreeWalker(document.querySelector('.cm-editor'));
let count = 0;
while (walk.nextNode()) count++;
return count;
"""
_SCROLL = """
const pane = document.querySelector('.cm-scroller');
pane.scrollTop = arguments[0] * (pane.scrollHeight - pane.clientHeight);
"""
_CARET = """
const {view} = trax.desk;
const at = Math.floor(arguments[0] * view.state.doc.length);
view.dispatch({selection: {anchor: at}, scrollIntoView: true});
view.focus();
"""
_EDIT_MANY = """
const {desk} = trax;
for (let step = 0; step < arguments[0]; step++) {
  const at = desk.view.state.doc.line(1 + (step * 37) % desk.view.state.doc.lines).from;
  desk.view.dispatch({changes: {from: at, insert: `so${step} `}, userEvent: 'input.paste'});
  desk.settle();
  await new Promise((done) => setTimeout(done, 0));
}
"""
_UNDO_MANY = """
const {desk} = trax;
const times = [];
for (let step = 0; step < arguments[0]; step++) {
  const began = performance.now();
  desk.undo();
  document.querySelector('.cm-content').getBoundingClientRect();
  times.push(performance.now() - began);
  if (step % 10 === 0) await new Promise((done) => setTimeout(done, 0));
}
return times;
"""
_CLICK = """
const {media} = trax.desk.player;
media.pause();
const began = performance.now();
trax.desk.player.playFrom(arguments[0]);
for (;;) {
  await new Promise((done) => setTimeout(done, 1));
  if (!media.seeking && !media.paused && media.currentTime > arguments[0] + 0.001) break;
  if (performance.now() - began > 20000) break;
}
const taken = performance.now() - began;
media.pause();
return taken;
"""
_LAG = """
const {desk} = trax;
const lags = [];
let last = '';
desk.goTo(arguments[0]);
desk.player.play();
const until = performance.now() + 1000 * arguments[1];
while (performance.now() < until) {
  await new Promise((done) => requestAnimationFrame(done));
  const mark = document.querySelector('.heard');
  const shown = mark ? mark.textContent + mark.getBoundingClientRect().left : '';
  if (shown === last) continue;
  last = shown;
  const now = desk.player.media.currentTime;
  const word = desk.wordAtPosition(desk.view.posAtDOM(mark));
  if (word) lags.push(1000 * (now - word.start));
}
desk.player.pause();
return lags.slice(1);
"""


def main() -> None:
    """Measure the sizes that are asked for, or both."""
    hours = [int(each) for each in sys.argv[1:]] or list(SIZES)
    with tempfile.TemporaryDirectory(prefix="trax-") as folder:
        rows: list[Row] = []
        for each in hours:
            home = Path(folder) / f"{each}"
            rows.append(measured(home, each, prepared(home, each)))
            write("editor", rows, _NOTES)


def measured(home: Path, hours: int, transcript_id: str) -> Row:
    """All figures of a transcript of so many hours."""
    words, speakers = SIZES[hours]
    with served(home) as url, browser(home) as chrome:
        draw(url, transcript_id)
        page = f"{url}/t/{transcript_id}"
        row: Row = {"hours": hours, "words": words, "speakers": speakers}
        row["text_after_navigation_ms"] = opened(chrome, page)
        row["nodes_most"] = nodes(chrome)
        row["heap_mb"] = heap(chrome)
        row |= clicks(chrome, hours)
        row |= lag(chrome)
        row |= typed(chrome)
        row |= undone(chrome)
        row["heap_after_mb"] = heap(chrome)
        return row


def draw(url: str, transcript_id: str) -> None:
    """Have the peaks made, so that they are not made while something is measured."""
    peaks = f"{url}/v1/transcripts/{transcript_id}/peaks?wait=60"
    while httpx.get(peaks, timeout=120).status_code != httpx.codes.OK:
        time.sleep(1)


def prepared(home: Path, hours: int) -> str:
    """A transcript and its recording in the stores of *home*; gives its id."""
    words, speakers = SIZES[hours]
    workspace = scripted_workspace(home)
    file = noise(home / "noise.mp3", hours * 3600)
    digest = sha256(file.read_bytes()).hexdigest()
    document = made_up(words, speakers, hours * 3600.0)
    recording = replace(document.recording, sha256=digest, duration=hours * 3600.0)
    document = identified(replace(document, id=digest[:12], recording=recording))
    source = upload(workspace, file, "noise.mp3")
    register(workspace, source, file.stat().st_size, document)
    workspace.repository.save(document)
    return document.id


def register(workspace: Workspace, source: str, size_bytes: int, document: Transcript) -> None:
    """A job that says where the recording lies."""
    request = JobRequest(
        pipeline="transcribe",
        key=document.recording.sha256,
        recording_sha256=document.recording.sha256,
        name="noise.mp3",
        source=source,
        size_bytes=size_bytes,
        options={},
    )
    workspace.jobs.claim(request, "benchmark")


def noise(path: Path, seconds: int) -> Path:
    """A quiet recording, a minute again and again: MP3, which browsers play as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.random.default_rng(0).integers(-900, 900, (1, 60 * _RATE), dtype=np.int16)
    buffer = io.BytesIO()
    # Without a header that says how long it is, the parts can follow one another.
    options = {"write_xing": "0", "id3v2_version": "0"}
    with av.open(buffer, "w", format="mp3", options=options) as container:
        stream = container.add_stream("mp3", rate=_RATE, layout="mono", bit_rate=24_000)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = _RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    with path.open("wb") as file:
        for _ in range(seconds // 60):
            file.write(buffer.getvalue())
    return path


def made_up(words: int, speakers: int, seconds: float) -> Transcript:
    """A transcript of so many words, some of them doubtful."""
    chance = random.Random(0)
    vocabulary = [letters(chance) for _ in range(2000)]
    step = seconds / words
    segments = []
    for first in range(0, words, _A_SEGMENT):
        speaker = f"SPEAKER_{(first // (3 * _A_SEGMENT)) % speakers:02d}"
        spoken = []
        for at in range(first, min(words, first + _A_SEGMENT)):
            confidence = chance.choice((0.99, 0.97, 0.95, 0.9, 0.5))
            start = round(at * step, 3)
            end = round((at + 0.9) * step, 3)
            spoken.append(Word(start, end, chance.choice(vocabulary), confidence, speaker))
        segments.append(Segment(spoken[0].start, spoken[-1].end, tuple(spoken), speaker))
    turns = tuple(Turn(each.start, each.end, each.speaker or "") for each in segments)
    labels = sorted({turn.speaker for turn in turns})
    return replace(
        transcript(),
        segments=tuple(segments),
        turns=turns,
        exclusive_turns=turns,
        speakers=tuple(Speaker(label=label, speech=seconds / speakers) for label in labels),
    )


def letters(chance: random.Random) -> str:
    """A word of no language."""
    return "".join(chance.choice("etaoinshrdlu") for _ in range(chance.randint(2, 9)))


@contextmanager
def served(home: Path) -> Iterator[str]:
    """A service on the stores of *home*; gives its address."""
    server = WebServer(home, "--jobs", "1")
    try:
        yield server.url
    finally:
        server.stop()


@contextmanager
def browser(home: Path) -> Iterator[webdriver.Chrome]:
    """A browser that notes when text is shown."""
    logs = ("browser", "performance")
    with chromium(home / "profile", switches=("--mute-audio",), logs=logs) as started:
        show_as(started)
        started.set_script_timeout(600)
        started.execute_cdp_cmd("Performance.enable", {})
        script = {"source": _BEFORE}
        started.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", script)
        yield started


def opened(chrome: webdriver.Chrome, page: str) -> int:
    """Milliseconds from navigation to text, the middle one of three."""
    times: list[float] = []
    for _ in range(3):
        chrome.get(page)
        times.append(wait_until(lambda: chrome.execute_script("return window.shown")))
    time.sleep(3)
    return round(sorted(times)[1])


def nodes(chrome: webdriver.Chrome) -> int:
    """The most nodes that the text has, wherever it is scrolled to."""
    most = 0
    for place in range(_PLACES):
        chrome.execute_script(_SCROLL, place / (_PLACES - 1))
        time.sleep(0.3)
        most = max(most, chrome.execute_script(_NODES))
    return most


def heap(chrome: webdriver.Chrome) -> float:
    """Megabytes in use, once what is not needed is gone."""
    chrome.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
    used: float = chrome.execute_cdp_cmd("Runtime.getHeapUsage", {})["usedSize"]
    return round(used / 1e6, 1)


def clicks(chrome: webdriver.Chrome, hours: int) -> Row:
    """From a word to its sound, at places all over the recording."""
    chance = random.Random(1)
    run(chrome, _CLICK, 5.0)
    places = [chance.uniform(10, hours * 3600 - 60) for _ in range(_CLICKS)]
    received(chrome)
    times = [run(chrome, _CLICK, place) for place in places]
    fetched = received(chrome)
    return {
        "click_to_sound_p95_ms": p95(times),
        "fetched_a_jump_kb": round(fetched / _CLICKS / 1000),
    }


def received(chrome: webdriver.Chrome) -> int:
    """Bytes that came over the network since this was last asked."""
    total = 0
    for entry in chrome.get_log("performance"):  # type: ignore[no-untyped-call]
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.dataReceived":
            total += message["params"]["encodedDataLength"] or message["params"]["dataLength"]
    return total


def lag(chrome: webdriver.Chrome) -> Row:
    """How late the marked word is while the sound goes on."""
    lags = run(chrome, _LAG, 600.0, _HEARD_SECONDS)
    return {"mark_lag_p95_ms": p95([abs(each) for each in lags])}


def typed(chrome: webdriver.Chrome) -> Row:
    """Letters typed at places all over the text."""
    chrome.execute_script("trax.desk.write()")
    chrome.execute_script(_WATCH_KEYS)
    chance = random.Random(2)
    before = thread_seconds(chrome)
    for number in range(_KEYS):
        if number % 30 == 0:
            chrome.execute_script(_CARET, chance.random())
            time.sleep(0.5)
        key = chance.choice("aeinst ")
        press(chrome, key)
        time.sleep(0.08)
    time.sleep(1.0)
    spent = thread_seconds(chrome) - before
    keys = chrome.execute_script("return window.keys")
    return {
        "key_to_paint_p95_ms": p95([latency for latency, _work in keys]),
        "key_work_p95_ms": p95([work for _latency, work in keys]),
        "key_cpu_mean_ms": round(1000 * spent / _KEYS, 1),
    }


def thread_seconds(chrome: webdriver.Chrome) -> float:
    """Processor time that the page's thread has had."""
    found = chrome.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return float(next(each["value"] for each in found if each["name"] == "ThreadTime"))


def press(chrome: webdriver.Chrome, key: str) -> None:
    """Press a key and let it go."""
    code = "Space" if key == " " else f"Key{key.upper()}"
    event = {"key": key, "code": code}
    chrome.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyDown", "text": key, **event})
    chrome.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyUp", **event})


def undone(chrome: webdriver.Chrome) -> Row:
    """Many edits, taken back one at a time."""
    run(chrome, _EDIT_MANY, _UNDONE)
    times = run(chrome, _UNDO_MANY, _UNDONE)
    return {"undo_p95_ms": p95(times)}


def run(chrome: webdriver.Chrome, script: str, *arguments: object) -> Any:
    """What an asynchronous script gives."""
    body = (
        "const done = arguments[arguments.length - 1];"
        f"(async function () {{ {script} }}).apply(null, arguments).then(done, (error) => "
        "done({error: String(error)}));"
    )
    found = chrome.execute_async_script(body, *arguments)
    if isinstance(found, dict) and "error" in found:
        sys.exit(f"the page failed: {found['error']}")
    return found


def p95(values: list[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return round(quantiles(values, n=20)[-1], 1)


if __name__ == "__main__":
    main()
