"""Prefect blocks of the kinds that the folder ``blocks/`` defines."""

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from trax.errors import MissingRooms, UnknownBlock
from trax.orchestration.environment import (
    configure,
    make_importable,
    rooms_folder,
    server_answers,
)


def load_block(rooms: Path | None, home: Path, kind: str, name: str) -> Any:
    """The block *name* of a kind.

    If the user has no Prefect server, the history in *home* is searched.

    Raises:
        UnknownBlock: there is no such block.
        MissingRooms: the blocks are not installed.
        PrefectUnavailable: the Prefect server does not answer.
    """
    if "prefect" not in sys.modules:
        configure(home)
    import_blocks(rooms)
    from prefect.blocks.core import Block

    with server_answers():
        try:
            return Block.load(f"{kind}/{name}", _sync=True)  # type: ignore[call-arg]
        except ValueError as error:
            raise UnknownBlock(f"there is no block {kind}/{name}") from error


def import_blocks(rooms: Path | None) -> ModuleType:
    """The package ``blocks`` in *rooms*, or beside the library.

    Raises:
        MissingRooms: it is not there.
    """
    folder = rooms_folder(rooms)
    make_importable(folder)
    try:
        return importlib.import_module("blocks")
    except ModuleNotFoundError as error:
        if error.name != "blocks":
            raise
        raise MissingRooms(f"no blocks are in {folder}") from error
