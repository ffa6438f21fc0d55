"""The one place that builds engines and stores from settings."""

from functools import cache

from trax.settings import load_settings
from trax.work.workspace import Workspace


@cache
def process_workspace() -> Workspace:
    """The workspace of this process, built from the environment on first use, so that models stay
    loaded.
    """
    return load_settings().workspace()
