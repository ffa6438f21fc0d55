"""Somebody before a page: what they look for, click and type."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from trax.testing.waiting import wait_until

Moment = Literal["click", "step", "wait"]
Look = Callable[[Moment, WebElement | None], None]
"""Told before each click, with what is clicked; after each step; and at times while one waits."""

_PATIENCE = 20.0
_TRANSCRIBED = 400.0  # seconds that a transcript may take
_GLANCE = 2.0  # seconds between two looks while one waits


def unseen(_moment: Moment, _target: WebElement | None) -> None:
    """Nobody looks."""


class Visit:
    """What a person does with pages, while somebody looks."""

    def __init__(
        self, browser: webdriver.Chrome, look: Look = lambda _moment, _target: None
    ) -> None:
        self.browser, self._look = browser, look

    def found(self, selector: str, text: str = "", seconds: float = _PATIENCE) -> WebElement:
        """The first element that is shown and has *text*, once there is one.

        Raises:
            AssertionError: there is none in so many *seconds*.
        """
        what = f"{selector} with {text!r}"
        element = wait_until(lambda: self.shown(selector, text), seconds, what=what)
        assert element is not None
        return element

    def follow(self, selector: str, text: str) -> None:
        """Look on until there is such an element."""
        latest = time.monotonic() + _TRANSCRIBED
        while self.shown(selector, text) is None and time.monotonic() < latest:
            self._look("wait", None)
            self._glance(selector, text)
        self.found(selector, text)
        self._look("step", None)

    def click(self, selector: str, text: str = "") -> None:
        """Click the first such element."""
        target = self.found(selector, text)
        self._look("click", target)
        target.click()
        self._look("step", None)

    def press(self, keys: str) -> None:
        """Type where the focus is."""
        ActionChains(self.browser).send_keys(keys).perform()
        self._look("step", None)

    def _glance(self, selector: str, text: str) -> None:
        with suppress(AssertionError):
            self.found(selector, text, _GLANCE)

    def shown(self, selector: str, text: str = "") -> WebElement | None:
        """The first such element now; `None` if there is none."""
        with suppress(StaleElementReferenceException):  # it was drawn anew meanwhile
            for each in self.browser.find_elements(By.CSS_SELECTOR, selector):
                if each.is_displayed() and text in each.text:
                    return each
        return None
