"""Models by name: the catalogue, and where each is found on this machine or fetched from."""

from trax.models.catalogue import CATALOGUE, Kind, ModelEntry
from trax.models.finder import Model, ModelFinder, Origin
from trax.models.manager import ModelManager, Use, folder_size

__all__ = [
    "CATALOGUE",
    "Kind",
    "Model",
    "ModelEntry",
    "ModelFinder",
    "ModelManager",
    "Origin",
    "Use",
    "folder_size",
]
