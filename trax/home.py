"""Where data lies on this machine."""

import os
from pathlib import Path

import platformdirs


def data_folder() -> Path:
    """The folder for everything that is kept here: the one chosen, or the user's own for data."""
    chosen = os.environ.get("TRAX_HOME")
    if chosen is not None:
        return Path(chosen)
    return Path(platformdirs.user_data_dir("trax"))
