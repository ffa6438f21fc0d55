"""A real Chromium, driven by selenium, for pages: needs Debian's `chromium` and
`chromium-driver`.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

from selenium import webdriver

_SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)


def missing_browser() -> str:
    """Why no page can be shown here; empty if one can."""
    missing = [name for name in ("chromium", "chromedriver") if which(name) is None]
    return f"{' and '.join(missing)} not installed" if missing else ""


@contextmanager
def chromium(
    profile: Path,
    size: tuple[int, int] = (1360, 1000),
    switches: Sequence[str] = (),
    logs: Sequence[str] = ("browser",),
) -> Iterator[webdriver.Chrome]:
    """A headless Chromium, with the profile in *profile*, and with a microphone that beeps.

    Args:
        size: of the window, in pixels.
        logs: what is logged: ``browser`` is the console, ``performance`` the network.
    """
    options = webdriver.ChromeOptions()
    asked = (*_SWITCHES, *switches, f"--user-data-dir={profile}")
    for argument in (*asked, f"--window-size={size[0]},{size[1]}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", dict.fromkeys(logs, "ALL"))
    driver = webdriver.ChromeService(executable_path=which("chromedriver"))
    browser = webdriver.Chrome(options=options, service=driver)
    try:
        yield browser
    finally:
        browser.quit()


def show_as(
    browser: webdriver.Chrome, scheme: str = "light", width: int = 1360, height: int = 1000
) -> None:
    """Show pages as on a screen of *width* pixels, to people who prefer *scheme*."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)


def findings(browser: webdriver.Chrome, axe: Path, also: Sequence[str] = ()) -> list[str]:
    """What axe-core has against the page that is shown: serious and critical findings alone.

    Args:
        axe: path of ``axe.min.js``.
        also: rules that it leaves out unless asked, such as ``target-size``.
    """
    browser.execute_script(axe.read_text("utf-8"))
    script = (
        "const done = arguments[arguments.length - 1];"
        "const asked = {resultTypes: ['violations'], rules: arguments[0]};"
        "axe.run(document, asked).then(done, e => done({error: `${e}`}));"
    )
    rules = {name: {"enabled": True} for name in also}
    result: dict[str, Any] = browser.execute_async_script(script, rules)
    if "error" in result:
        return [str(result["error"])]
    return [
        f"{found['id']}: {json.dumps(found['nodes'][0]['target'])} {found['help']} "
        f"{found['nodes'][0].get('failureSummary', '')}"
        for found in result["violations"]
        if found["impact"] in ("serious", "critical")
    ]


def complaints(browser: webdriver.Chrome) -> list[str]:
    """What the console has of errors and refused content since it was asked last."""
    logged = browser.get_log("browser")  # type: ignore[no-untyped-call]
    return [entry["message"] for entry in logged if entry["level"] == "SEVERE"]
