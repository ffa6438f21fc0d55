"""Two real Chromium pages with one transcript open: from a key in one to the letter in the other.

    python -m benchmarks.editing_together [HOURS...]

Transcripts are those of `benchmarks.editor`: 10,000 words for one hour, 90,000 words for ten. One
page types five letters a second, the other has the same place in view. Everything runs on this
machine.
"""

import random
import sys
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from selenium import webdriver

from benchmarks import editor_figures as figures
from benchmarks.editor import browser, draw, served
from benchmarks.editor_transcripts import SIZES, prepared
from benchmarks.machine import conditions
from benchmarks.report import Row, write
from trax.testing.waiting import wait_until

_KEYS = 200
_PAUSE = 0.2  # seconds between keys
_PLACES = 5
_NOTES = [
    "Chromium without a graphics card, two of them, and the service, on one machine.",
    "Key to paint: from the key's time stamp in one page to the message after the next frame in "
    "the other, by the two browsers' clocks.",
    "CPU: what the processor gave a page's thread for a key, carets and naming words included.",
]
_WATCH = """
window.seen = [];
let known = trax.desk.view.state.doc.length;
new MutationObserver(() => {
  const { length } = trax.desk.view.state.doc;
  const count = length - known;
  known = length;
  if (count <= 0) return;
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      const now = performance.timeOrigin + performance.now();
      for (let each = 0; each < count; each++) window.seen.push(now);
    };
    channel.port2.postMessage(0);
  });
}).observe(document.querySelector('.cm-content'), {
  childList: true, subtree: true, characterData: true,
});
"""
_PRESSED = """
window.pressed = [];
addEventListener('keydown', (event) => {
  window.pressed.push(performance.timeOrigin + event.timeStamp);
}, {capture: true});
"""
_SHOW = """
const {view} = trax.desk;
const line = view.state.doc.lineAt(Math.floor(arguments[0] * view.state.doc.length));
view.dispatch({selection: {anchor: line.from + line.text.indexOf(' ')}, scrollIntoView: true});
view.focus();
"""


def main() -> None:
    """Measure the sizes that are asked for, or both."""
    hours = [int(each) for each in sys.argv[1:]] or list(SIZES)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="trax-") as folder:
        for each in hours:
            rows.append(measured(Path(folder) / f"{each}", each))
            write("editing-together", rows, [conditions(), *_NOTES])


def measured(home: Path, hours: int) -> Row:
    """All figures of a transcript of so many hours."""
    words, _speakers = SIZES[hours]
    transcript_id = prepared(home, hours)
    with ExitStack() as stack:
        url = stack.enter_context(served(home))
        draw(url, transcript_id)
        writer, reader = (stack.enter_context(browser(home / name)) for name in ("one", "other"))
        opened = [figures.opened(each, f"{url}/t/{transcript_id}") for each in (writer, reader)]
        for each in (writer, reader):
            wait_until(partial(each.execute_script, "return trax.desk.company !== null"))
        before = [figures.thread_seconds(each) for each in (writer, reader)]
        times = typed(writer, reader)
        spent = [
            figures.thread_seconds(page) - former
            for page, former in zip((writer, reader), before, strict=True)
        ]
        return {
            "hours": hours,
            "words": words,
            **{name: max(each[name] for each in opened) for name in opened[0]},
            "keys": len(times),
            "key_to_paint_p50_ms": round(median(times)),
            "key_to_paint_p95_ms": round(quantiles(times, n=100)[94]),
            "key_to_paint_p99_ms": round(quantiles(times, n=100)[98]),
            "key_cpu_writer_ms": round(1000 * spent[0] / _KEYS, 1),
            "key_cpu_reader_ms": round(1000 * spent[1] / _KEYS, 1),
        }


def typed(writer: webdriver.Chrome, reader: webdriver.Chrome) -> list[float]:
    """Milliseconds from each key to its letter in the other page."""
    writer.execute_script("trax.desk.write()")
    writer.execute_script(_PRESSED)
    reader.execute_script(_WATCH)
    chance = random.Random(3)
    for number in range(_KEYS):
        if number % (_KEYS // _PLACES) == 0:
            place = chance.random()
            for page in (reader, writer):
                page.execute_script(_SHOW, place)
            time.sleep(1.0)
        figures.press(writer, chance.choice("aeinst "))
        time.sleep(_PAUSE)
    wait_until(lambda: len(reader.execute_script("return window.seen")) >= _KEYS)
    pressed = writer.execute_script("return window.pressed")
    seen = reader.execute_script("return window.seen")
    return [end - start for start, end in zip(pressed, seen, strict=False)]


if __name__ == "__main__":
    main()
