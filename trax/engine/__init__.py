"""The engine process: one a device, in which models stay loaded and stages wait for their turn."""

from trax.engine.client import EngineClient
from trax.engine.wire import EngineStatus

__all__ = ["EngineClient", "EngineStatus"]
