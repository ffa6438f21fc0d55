"""What the transcript's page takes: to open, to type, to undo, to jump, to follow the sound."""

import json
import random
import sys
import time
from statistics import median, quantiles
from typing import Any

from selenium import webdriver

from benchmarks.report import Row
from trax.testing.waiting import wait_until

_KEYS = 240
_UNDONE = 1000
_CLICKS = 40
_PLACES = 12
_HEARD_SECONDS = 20

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
_READY = """
const {desk} = window.trax ?? {};
return window.shown && desk && !desk.isJoining ? performance.now() : 0;
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
desk.listening.goTo(arguments[0]);
desk.player.play();
const until = performance.now() + 1000 * arguments[1];
while (performance.now() < until) {
  await new Promise((done) => requestAnimationFrame(done));
  const mark = document.querySelector('.heard');
  const shown = mark ? mark.textContent + mark.getBoundingClientRect().left : '';
  if (shown === last) continue;
  last = shown;
  const now = desk.player.media.currentTime;
  const word = desk.sight.wordAtPosition(desk.view.posAtDOM(mark));
  if (word) lags.push(1000 * (now - word.start));
}
desk.player.pause();
return lags.slice(1);
"""


def opened(chrome: webdriver.Chrome, page: str) -> Row:
    """Milliseconds from navigation to text, and until it can be changed: the middle of three."""
    shown: list[float] = []
    ready: list[float] = []
    for _ in range(3):
        chrome.get(page)
        ready.append(wait_until(lambda: chrome.execute_script(_READY)))
        shown.append(chrome.execute_script("return window.shown"))
    time.sleep(3)
    return {
        "text_after_navigation_ms": round(median(shown)),
        "to_be_changed_after_ms": round(median(ready)),
    }


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
