"""Engines of voices by name, each loaded once."""

from functools import cached_property

from trax.models import Kind, Model, ModelFinder, ModelManager
from trax.voice.engine import Cloner, Converter, Likeness, Separator, Synthesiser, Watermark

_SEPARATORS = {"cpu": ("spleeter", "htdemucs"), "cuda": ("htdemucs", "spleeter")}
"""What ``auto`` looks for: on a CPU the better one takes longer than the recording."""


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
        self._cloners: dict[str, Cloner | None] = {}
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
        """``spleeter``, ``htdemucs`` or a folder with it."""
        if model not in self._separators:
            self._separators[model] = self._made_separator(model)
        return self._separators[model]

    def _made_separator(self, name: str) -> Separator:
        from trax.voice.htdemucs import HTDemucs
        from trax.voice.spleeter import Spleeter

        names = _SEPARATORS[self._device] if name == "auto" else (name,)
        model = self._finder.first(names, Kind.SEPARATION)
        made = Spleeter if model.name == "spleeter" else HTDemucs
        return made(model, self._device, self._manager)

    def cloner(self, model: str = "auto") -> Cloner | None:
        """``chatterbox``, or a folder with it."""
        if model not in self._cloners:
            self._cloners[model] = self._made_cloner(model)
        return self._cloners[model]

    def _made_cloner(self, name: str) -> Cloner | None:
        from trax.voice.chatterbox import Chatterbox, is_installed

        if name != "auto":
            return Chatterbox(self._finder.find(name, Kind.CLONING), self._device, self._manager)
        model = self._here("chatterbox", Kind.CLONING)
        if model is None or not is_installed():
            return None
        return Chatterbox(model, self._device, self._manager)

    def _here(self, name: str, kind: Kind) -> Model | None:
        """The model, if it need not be downloaded."""
        return self._finder.in_folder(name, kind) or self._finder.in_cache(name, kind)

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
