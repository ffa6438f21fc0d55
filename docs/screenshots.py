"""The pictures in prefect.md, taken in a real Chromium; the run that they show is started from the
form.

python docs/screenshots.py          wants chromium and chromium-driver (Debian), and selenium
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from shutil import copyfile

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from trax.testing.browser import chromium
from trax.testing.servers import PrefectServer, kill_family

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
PATIENCE = 180.0
_RECORDED = 10.0  # seconds until the server has written down what tasks told it


def main() -> None:
    """Start everything, fill in the form, take the pictures; ends with 1 where the run does not
    complete.
    """
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="s") as folder, ExitStack() as stack:
        home = Path(folder)
        server = PrefectServer(home / "prefect")
        stack.callback(server.stop)
        recording = home / "interview.flac"
        copyfile(ROOT / "samples" / "conversation.flac", recording)
        environment = {"TRAX_HOME": str(home / "t"), "TRAX_OFFLINE": "1", "HF_HUB_OFFLINE": "1"}

        def start(*command: str) -> None:
            process = server.start(*command, environment=environment, cwd=ROOT, log=home / "log")
            stack.callback(kill_family, process)
            if command[-1] != "serve":
                process.wait(180)

        start("trax.cli", "prefect", "setup")
        start("prefect", "--no-prompt", "deploy", "--all")
        start("trax.cli", "prefect", "serve")
        with chromium(home / "profile") as browser:
            state = Session(browser, server.url).run(recording)
        sys.stdout.write(f"the run that the form started: {state}\n")
        sys.exit(state != "Completed")


class Session:
    """A person before the UI."""

    def __init__(self, browser: webdriver.Chrome, url: str) -> None:
        self._browser, self._url = browser, url

    def run(self, recording: Path) -> str:
        """Start a run by the form, look at what it leaves, and give the state in which it ended."""
        self._browser.get(f"{self._url}/deployments")
        self._click(
            "//a[normalize-space()='transcribe' and contains(@href, '/deployments/deployment/')]"
        )
        address = self._browser.current_url.split("?")[0]
        self._browser.get(f"{address}/run")
        field = self._found(
            "//label[contains(., 'ecording')]/following::*[self::input or self::textarea][1]"
        )
        field.send_keys(str(recording))
        self._shot("form", 2.0)
        self._click("//button[normalize-space()='Submit' or normalize-space()='Run']")
        link = self._found("//a[contains(@href, '/runs/flow-run/')]").get_attribute("href")
        self._browser.get(str(link))
        state = self._ended()
        time.sleep(_RECORDED)
        self._browser.get(str(link))
        self._shot("run", 8.0)
        self._browser.get(f"{self._url}/artifacts")
        self._found("//a[contains(@href, '/artifacts/key/transcript-')]")
        self._shot("artifacts", 3.0)
        self._click("//a[contains(@href, '/artifacts/key/transcript-')]")
        self._click("//a[contains(@href, '/artifacts/artifact/')]")
        self._shot("transcript", 3.0)
        return state

    def _ended(self) -> str:
        names = ("Completed", "Failed", "Crashed", "Cancelled")
        found: list[str] = []

        def looked() -> bool:
            with suppress(StaleElementReferenceException):
                badges = self._browser.find_elements(By.CSS_SELECTOR, "[class*=badge]")
                shown = [each.text.strip() for each in badges]
                found[:] = [name for name in names if name in shown]
            return bool(found)

        self._until(looked)
        return found[0]

    def _found(self, path: str) -> WebElement:
        found: list[WebElement] = []

        def looked() -> bool:
            with suppress(StaleElementReferenceException):  # the page is still being built
                found[:] = [
                    each
                    for each in self._browser.find_elements(By.XPATH, path)
                    if each.is_displayed()
                ]
            return bool(found)

        self._until(looked)
        return found[0]

    def _click(self, path: str) -> None:
        self._browser.execute_script("arguments[0].click()", self._found(path))
        time.sleep(1.0)

    def _shot(self, name: str, pause: float) -> None:
        """A picture, once the page has come to rest."""
        time.sleep(pause)
        self._browser.save_screenshot(str(PICTURES / f"{name}.png"))

    def _until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                self._browser.save_screenshot(str(PICTURES / "lost.png"))
                raise TimeoutError(self._browser.current_url)
            time.sleep(0.5)


if __name__ == "__main__":
    os.environ.pop("PREFECT_API_URL", None)
    main()
