"""The pictures in web.md, taken in a real Chromium of a real service with real models.

python docs/interface_pictures.py   wants chromium and chromium-driver (Debian), and selenium
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By

from trax.compose import process_workspace
from trax.testing.browser import chromium, show_as
from trax.testing.history import plant
from trax.testing.library import fill

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
SAMPLE = ROOT / "samples" / "conversation.flac"
PATIENCE = 400.0
_HISTORY_DAYS = 60
_REST = 1.5  # seconds until fonts are there and nothing moves


def main() -> None:
    """Start a service, do what a person does, take the pictures."""
    with tempfile.TemporaryDirectory(prefix="s") as folder:
        home = Path(folder)
        with _serving(home) as address, chromium(home / "profile") as browser:
            Session(browser, address).run()


@contextmanager
def _serving(home: Path) -> Iterator[str]:
    os.environ.update({"TRAX_HOME": str(home / "t"), "TRAX_OFFLINE": "1", "TRAX_RUNNER": "local"})
    plant(process_workspace().database, _HISTORY_DAYS)
    made = fill(process_workspace().repository)
    folders = process_workspace().folders
    for name, some in (("Harbour bridge", made[-1:]), ("Field work", made[:2])):
        folder = folders.add("", name)
        for each in some:
            folders.move(each, folder)
    command = [sys.executable, "-m", "trax.cli", "serve", "--port", "0", "--jobs", "1"]
    log = home / "log"
    with log.open("w") as written:
        service = subprocess.Popen(command, stdout=written, stderr=subprocess.STDOUT)
    try:
        yield _address(log)
    finally:
        service.terminate()
        service.wait(60)


def _address(log: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
        if found:
            return found[0]
        time.sleep(0.2)
    raise TimeoutError(log.read_text())


class Session:
    """A person before the pages."""

    def __init__(self, browser: webdriver.Chrome, address: str) -> None:
        self._browser, self._address = browser, address

    def run(self) -> None:
        """Send a recording, watch, read; a picture at each step."""
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
        self._go("/settings/users")
        self._shot("people")
        self._browser.get(f"{self._address}/analytics?compare=before")
        self._until("canvas")
        self._shot("analytics")
        self._go("/")
        link = self._until("//table//a[contains(., 'conversation.flac')]")
        self._browser.get(str(link.get_attribute("href")))
        time.sleep(4.0)
        self._shot("transcript-page")
        self._click("header button[aria-label='Share']")
        self._click("dialog button[type=submit]")
        self._until("dialog code")
        self._shot("share")

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
        by = By.XPATH if selector.startswith("/") else By.CSS_SELECTOR
        deadline = time.monotonic() + PATIENCE
        while not (found := self._browser.find_elements(by, selector)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {selector}")
            time.sleep(0.2)
        return found[0]

    def _shot(self, name: str) -> None:
        time.sleep(_REST)
        self._browser.save_screenshot(str(PICTURES / f"{name}.png"))


if __name__ == "__main__":
    os.environ.pop("PREFECT_API_URL", None)
    main()
