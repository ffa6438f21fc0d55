"""The pictures and the film in web.md, taken in a real Chromium of a real service with real models.

python docs/interface_pictures.py [film | library | scenes]

Wants chromium and chromium-driver (Debian), selenium and pillow.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import soundfile
from film import Film
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By

from trax.compose import process_workspace
from trax.pipelines.transcribe import transcribe
from trax.service.recordings import upload
from trax.stages.options import TranscribeOptions
from trax.testing import write_audio
from trax.testing.browser import chromium, show_as
from trax.testing.first_transcript import first_transcript
from trax.testing.history import plant
from trax.testing.library import fill
from trax.testing.scenes import Stage, prepare, scenes
from trax.testing.servers import TraxServer
from trax.testing.visit import Visit

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
SAMPLE = ROOT / "samples" / "conversation.flac"
PATIENCE = 400.0
_HISTORY_DAYS = 60
_REST = 1.5  # seconds until fonts are there and nothing moves
_COLOURS = 128  # of a picture: enough for pages, and a third of the bytes
_SCREEN = (1280, 800)
_SILENT = ("--lang=en-US", "--mute-audio")
_HEARD = 12.0  # seconds that live captions listen
_UNSHOWN = {"library-list", "nowhere", "new-user", "new-token", "tokens"}


def main() -> None:
    """Take what is asked for, or everything."""
    takes: dict[str, Callable[[Path], None]] = {
        "film": take_film,
        "library": take_library,
        "scenes": take_scenes,
    }
    for name in sys.argv[1:] or takes:
        with tempfile.TemporaryDirectory(prefix="s") as folder:
            takes[name](Path(folder))


def take_film(home: Path) -> None:
    """From an empty library to a corrected transcript in a file."""
    with _serving(home) as address, chromium(home / "p", _SCREEN, switches=_SILENT) as browser:
        film = Film(browser)
        done = first_transcript(
            browser, address, SAMPLE, home / "d", "shop-boy.", "shock boy", film.look
        )
        film.write(PICTURES / "first-transcript.webp")
        sys.stdout.write(f"{done.clicks} clicks; {done.replaced!r} was corrected\n")


def take_library(home: Path) -> None:
    """What a person does with the library."""
    _settle_in(home)
    plant(process_workspace().database, _HISTORY_DAYS)
    made = fill(process_workspace().repository)
    folders = process_workspace().folders
    for name, some in (("Harbour bridge", made[-1:]), ("Field work", made[:2])):
        folder = folders.add("", name)
        for each in some:
            folders.move(each, folder)
    with _serving(home) as address, chromium(home / "p", switches=_SILENT) as browser:
        Session(browser, address).run()


def take_scenes(home: Path) -> None:
    """Every other page, and each part of a transcript's page."""
    _settle_in(home)
    workspace = process_workspace()
    made = transcribe(workspace, upload(workspace, SAMPLE, SAMPLE.name), TranscribeOptions())
    stage = Stage("", made.transcript_id, prepare(workspace, made.transcript_id), SAMPLE)
    microphone = _microphone(home / "said.wav")
    switches = (*_SILENT, f"--use-file-for-fake-audio-capture={microphone}")
    with _serving(home) as address, chromium(home / "p", switches=switches) as browser:
        Pictures(browser).take(replace(stage, url=address))


def _settle_in(home: Path) -> None:
    os.environ.update({"TRAX_HOME": str(home), "TRAX_OFFLINE": "1", "TRAX_RUNNER": "local"})
    process_workspace.cache_clear()


@contextmanager
def _serving(home: Path) -> Iterator[str]:
    service = TraxServer(home, None, "--jobs", "1")
    try:
        yield service.url
    finally:
        service.stop()


def _microphone(path: Path) -> Path:
    """The sample as a browser's microphone hears it."""
    samples, sample_rate = soundfile.read(SAMPLE, dtype="float32")
    return write_audio(path, samples, sample_rate)


def save(browser: webdriver.Chrome, name: str) -> None:
    """Save what is shown as a picture with few colours."""
    shown = Image.open(BytesIO(browser.get_screenshot_as_png())).convert("RGB")
    few = shown.quantize(_COLOURS, dither=Image.Dither.NONE)
    few.save(PICTURES / f"{name}.png", optimize=True)


class Pictures:
    """Takes a picture of each scene."""

    def __init__(self, browser: webdriver.Chrome) -> None:
        self._browser = browser

    def take(self, stage: Stage) -> None:
        """Show one scene after another, and save each under its name."""
        visit = Visit(self._browser)
        show_as(self._browser, "light", *_SCREEN)
        for name in scenes(visit, stage):
            if name == "live":
                self._speak(visit)
            if name not in _UNSHOWN:
                save(self._browser, name)
            if name == "reading":
                show_as(self._browser, "dark", 360, 740)
                time.sleep(_REST)
                save(self._browser, "reading-narrow")
                show_as(self._browser, "light", *_SCREEN)

    def _speak(self, visit: Visit) -> None:
        """Have captions of what the microphone hears."""
        visit.click("form button")
        visit.found("p button", seconds=60)
        time.sleep(_HEARD)


class Session:
    """A person before the library."""

    def __init__(self, browser: webdriver.Chrome, address: str) -> None:
        self._browser, self._address = browser, address

    def run(self) -> None:
        """Send a recording, watch, look for words; a picture at each step."""
        self._go("/")
        self._choose(SAMPLE)
        self._shot("new-recording")
        self._click("dialog button.primary")
        self._until("[role=progressbar]")
        self._click("button[aria-expanded]")
        self._until("figure p")
        self._shot("library")
        show_as(self._browser, "dark")
        self._shot("library-dark")
        show_as(self._browser, "light", 360, 800)
        self._shot("library-narrow")
        show_as(self._browser)
        field = self._browser.find_element(By.CSS_SELECTOR, "label input[type=search]")
        field.send_keys("two below")
        self._until("mark")
        self._shot("search")
        self._browser.get(f"{self._address}/analytics?compare=before")
        self._until("canvas")
        self._shot("analytics")

    def _go(self, path: str) -> None:
        self._browser.get(self._address + path)
        self._until("h1")

    def _choose(self, path: Path) -> None:
        field = self._until("input[type=file]")
        field.send_keys(str(path))
        self._until("dialog fieldset")

    def _click(self, selector: str) -> None:
        self._until(selector).click()

    def _until(self, selector: str) -> webdriver.remote.webelement.WebElement:
        deadline = time.monotonic() + PATIENCE
        while not (found := self._browser.find_elements(By.CSS_SELECTOR, selector)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {selector}")
            time.sleep(0.2)
        return found[0]

    def _shot(self, name: str) -> None:
        time.sleep(_REST)
        save(self._browser, name)


if __name__ == "__main__":
    os.environ.pop("PREFECT_API_URL", None)
    main()
