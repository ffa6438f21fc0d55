"""The transcript's page in a real Chromium: how soon it is there, and how it keeps up with typing.

    python -m benchmarks.editor [HOURS...]

Transcripts are made up: 10,000 words and two speakers for one hour, 90,000 words and eight speakers
for ten. The sound is noise of that length. Everything runs on this machine.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from selenium import webdriver

from benchmarks import editor_figures as figures
from benchmarks.editor_transcripts import SIZES, prepared
from benchmarks.machine import conditions
from benchmarks.report import Row, write
from trax.testing.browser import chromium, show_as
from trax.testing.servers import WebServer

_NOTES = [
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


def main() -> None:
    """Measure the sizes that are asked for, or both."""
    hours = [int(each) for each in sys.argv[1:]] or list(SIZES)
    notes = [conditions(), *_NOTES]
    with tempfile.TemporaryDirectory(prefix="trax-") as folder:
        rows: list[Row] = []
        for each in hours:
            home = Path(folder) / f"{each}"
            rows.append(measured(home, each, prepared(home, each)))
            write("editor", rows, notes)


def measured(home: Path, hours: int, transcript_id: str) -> Row:
    """All figures of a transcript of so many hours."""
    words, speakers = SIZES[hours]
    with served(home) as url, browser(home) as chrome:
        draw(url, transcript_id)
        page = f"{url}/t/{transcript_id}"
        row: Row = {"hours": hours, "words": words, "speakers": speakers}
        row |= figures.opened(chrome, page)
        row["nodes_most"] = figures.nodes(chrome)
        row["heap_mb"] = figures.heap(chrome)
        row |= figures.clicks(chrome, hours)
        row |= figures.lag(chrome)
        row |= figures.typed(chrome)
        row |= figures.undone(chrome)
        row["heap_after_mb"] = figures.heap(chrome)
        return row


def draw(url: str, transcript_id: str) -> None:
    """Have the peaks and the copy for browsers made, so that they are not made while something is
    measured.
    """
    for method, made in (("GET", "peaks"), ("HEAD", "audio")):
        address = f"{url}/v1/transcripts/{transcript_id}/{made}?wait=60"
        while httpx.request(method, address, timeout=120).status_code != httpx.codes.OK:
            time.sleep(1)


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


if __name__ == "__main__":
    main()
