"""Engines of voices by name, each loaded once."""

from functools import cached_property

from trax.errors import InvalidOption
from trax.models import Kind, ModelFinder, ModelManager
from trax.voice.engine import Cloner, Converter, Likeness, Separator, Synthesiser, Watermark


class LoadedVoices:
    """The engines that models on this machine and on the hub give.

    Args:
        finder: finds their models.
        manager: keeps them loaded.
        device: ``cpu`` or ``cuda``.
        threads: for each on the CPU.
    """

    def __init__(
        self, finder: ModelFinder, manager: ModelManager, device: str, threads: int
    ) -> None:
        self._finder = finder
        self._manager = manager
        self._device = device
        self._threads = threads
        self._separators: dict[str, Separator] = {}
        self._synthesisers: dict[str, Synthesiser] = {}

    def synthesiser(self, model: str = "auto") -> Synthesiser:
        """``kokoro``, or a folder with it."""
        name = "kokoro" if model == "auto" else model
        if name not in self._synthesisers:
            self._synthesisers[name] = self._made_synthesiser(name)
        return self._synthesisers[name]

    def _made_synthesiser(self, name: str) -> Synthesiser:
        from trax.voice.kokoro import Kokoro

        model = self._finder.find(name, Kind.SYNTHESIS)
        return Kokoro(model, self._threads, self._manager)

    def separator(self, model: str = "auto") -> Separator:
        """``spleeter``."""
        name = "spleeter" if model == "auto" else model
        if name not in self._separators:
            self._separators[name] = self._made_separator(name)
        return self._separators[name]

    def _made_separator(self, name: str) -> Separator:
        from trax.voice.spleeter import Spleeter

        model = self._finder.find(name, Kind.SEPARATION)
        return Spleeter(model, self._device, self._manager)

    def cloner(self, model: str = "auto") -> Cloner | None:
        """None yet."""
        if model == "auto":
            return None
        raise InvalidOption(f"there is no engine that clones voices called {model!r}")

    def converter(self) -> Converter:
        """WORLD's vocoder."""
        return self._converter

    @cached_property
    def _converter(self) -> Converter:
        from trax.voice.world import WorldConverter

        return WorldConverter()

    def watermark(self) -> Watermark:
        """Perth's."""
        return self._watermark

    @cached_property
    def _watermark(self) -> Watermark:
        from trax.voice.perth import Perth

        return Perth(self._finder.find("perth", Kind.WATERMARK), self._manager)

    def likeness(self) -> Likeness:
        """CAM++, as the packaged diarizer has it."""
        return self._likeness

    @cached_property
    def _likeness(self) -> Likeness:
        from trax.diarization.packaged import PackagedDiarizer
        from trax.voice.likeness import CampPlusLikeness

        model = self._finder.find("packaged", Kind.DIARIZATION)
        return CampPlusLikeness(PackagedDiarizer(model, self._device, 1, self._manager))
