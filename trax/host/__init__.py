"""The engine process: one a device, in which models stay loaded and stages wait for their turn."""

from trax.host.client import EngineClient
from trax.host.wire import EngineStatus

__all__ = ["EngineClient", "EngineStatus"]
