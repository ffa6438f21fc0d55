"""Results that take long to make, kept in a file that is given."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Made = TypeVar("Made")


def kept_or_made(path: Path | None, make: Callable[[], Made]) -> Made:
    """What is kept at *path*; else what *make* gives, which is kept there if a path is given.

    The file is unpickled: only one that this program wrote may be given.
    """
    if path is not None and path.exists():
        found: Made = pickle.loads(path.read_bytes())
        return found
    made = make()
    if path is not None:
        path.write_bytes(pickle.dumps(made))
    return made
