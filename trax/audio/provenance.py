"""What a file says of voices that were replaced in it."""

import json
import re
from pathlib import Path

from trax.audio.container import open_container

_MARK = "trax-revoiced:"
_FOUND = re.compile(rf"{_MARK}\s*(\{{.*\}})")
_TAGS = ("comment", "description", "COMMENT", "DESCRIPTION", "ICMT")


def tag(facts: dict[str, str]) -> str:
    """A comment for a file that says that its voices were replaced, and *facts* about it.

    >>> facts_in(tag({"trax": "1.0"}))
    {'trax': '1.0'}
    """
    return f"{_MARK} {json.dumps(facts, ensure_ascii=True, sort_keys=True)}"


def facts_in(comment: str) -> dict[str, str] | None:
    """The facts in a comment that `tag` made; ``None`` if it is another one."""
    found = _FOUND.search(comment)
    if found is None:
        return None
    try:
        return {str(key): str(value) for key, value in json.loads(found.group(1)).items()}
    except ValueError:
        return None


def replaced_voices(path: Path) -> dict[str, str] | None:
    """What the file at *path* says of voices that were replaced in it; ``None`` if nothing.

    Raises:
        UnreadableAudio: it holds no audio that can be read.
    """
    with open_container(path) as (container, stream):
        tags = {**stream.metadata, **container.metadata}
    for name in _TAGS:
        found = facts_in(tags.get(name, ""))
        if found is not None:
            return found
    return None
