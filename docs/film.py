"""A film of what somebody does with pages: what is shown at each step, and where they click."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw
from selenium import webdriver
from selenium.webdriver.remote.webelement import WebElement

from trax.testing.visit import Moment

_WIDTH = 960
_LAST_MS = 3000
_SHOWN_MS: dict[Moment, int] = {"click": 800, "step": 900, "wait": 200}
_SHARPNESS = 70  # WebP's quality
_REACH = 14  # pixels around where a click is
_MARK = (217, 70, 40)


@dataclass(frozen=True, slots=True)
class Shot:
    """What is shown for a while."""

    picture: Image.Image
    shown_ms: int


class Film:
    """Looks at a browser, and keeps what it sees."""

    def __init__(self, browser: webdriver.Chrome) -> None:
        self._browser = browser
        self._shots: list[Shot] = []

    def look(self, moment: Moment, target: WebElement | None) -> None:
        """Keep what is shown, with a mark on what is about to be clicked."""
        picture = self._picture()
        if target is not None:
            self._mark(picture, target)
        elif self._shots and not _differs(picture, self._shots[-1].picture):
            return
        self._shots.append(Shot(picture, _SHOWN_MS[moment]))

    def write(self, path: Path) -> None:
        """Write an animated WebP that goes on for ever."""
        shots = [*self._shots[:-1], Shot(self._shots[-1].picture, _LAST_MS)]
        first, *others = (shot.picture for shot in shots)
        first.save(
            path,
            save_all=True,
            append_images=others,
            duration=[shot.shown_ms for shot in shots],
            loop=0,
            quality=_SHARPNESS,
            method=6,
        )

    def _picture(self) -> Image.Image:
        whole = Image.open(BytesIO(self._browser.get_screenshot_as_png())).convert("RGB")
        height = round(whole.height * _WIDTH / whole.width)
        return whole.resize((_WIDTH, height), Image.Resampling.LANCZOS)

    def _mark(self, picture: Image.Image, target: WebElement) -> None:
        scale = _WIDTH / self._browser.execute_script("return innerWidth")
        box = target.rect
        x = (box["x"] + box["width"] / 2) * scale
        y = (box["y"] + box["height"] / 2) * scale
        around = (x - _REACH, y - _REACH, x + _REACH, y + _REACH)
        ImageDraw.Draw(picture).ellipse(around, outline=_MARK, width=3)


def _differs(one: Image.Image, other: Image.Image) -> bool:
    return ImageChops.difference(one, other).getbbox() is not None
