"""Models by name: the catalogue, and where to find each on this machine or download it."""

from trax.models.catalogue import CATALOGUE
from trax.models.entry import Kind, ModelEntry
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
