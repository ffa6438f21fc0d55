"""Models by name: the catalogue, and where each is found on this machine or fetched from."""

from trax.models.catalogue import CATALOGUE, Kind, ModelEntry
from trax.models.finder import Model, ModelFinder, Origin

__all__ = ["CATALOGUE", "Kind", "Model", "ModelEntry", "ModelFinder", "Origin"]
