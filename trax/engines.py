"""Models and engines as the settings choose them, each loaded once."""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import NoReturn, cast

from trax.adapters.adapted import adapted_model, forget_merged
from trax.adapters.card import AdapterCard
from trax.adapters.choosing import DomainChooser, use_of
from trax.adapters.learner import Learner
from trax.adapters.seeing import Sees, everybody
from trax.adapters.shelf import AdapterShelf
from trax.asr import PLANS, Decoder, Pass, Recogniser, RecognitionOptions
from trax.asr.confidence import SHIPPED, load_calibration
from trax.asr.language import unknown_language
from trax.asr.recogniser import PlannedRecogniser
from trax.asr.typed import Aligner
from trax.asr.whisper import Placement, WhisperDecoder, load_whisper
from trax.diarization import DiarizationOptions, Diarizer
from trax.enhance import Embedder, LanguageModel
from trax.enhance.chat import ChatModel
from trax.errors import InvalidOption, ModelUnavailable, NotFound
from trax.models import Kind, Model, ModelFinder, ModelManager, Use
from trax.orchestration.blocks import load_block
from trax.servers import ChatConfig
from trax.settings import Settings
from trax.transcript import AdapterUse
from trax.transcript.languages import ENGLISH
from trax.voice import VoiceEngines
from trax.voice.loaded import LoadedVoices

_DIARIZERS_WITH_TOKEN = ("community-1", "3.1", "packaged")

# On a CPU two threads took twice the processor time for the same small networks, and longer.
_DIARIZER_THREADS = 1


def model_finder(settings: Settings) -> ModelFinder:
    """Finds models on this machine and on the hub."""
    token = settings.huggingface_token.get_secret_value()
    return ModelFinder(models_folder(settings), token, settings.offline)


def models_folder(settings: Settings) -> Path:
    """Where models are kept on this machine."""
    return settings.models_dir or settings.home / "models"


def recognition_model(settings: Settings, name: str) -> Model:
    """The recognition model called *name*; ``auto`` is the larger one of the balanced plan."""
    models = model_finder(settings)
    if name != "auto":
        return models.find(name, Kind.RECOGNITION)
    balanced = PLANS["balanced"](settings.chosen_device)
    return models.first(balanced[-1].models, Kind.RECOGNITION)


def diarization_model(settings: Settings, name: str) -> Model:
    """The diarization model called *name*; ``auto`` is pyannote's own with a token, else the
    packaged one.
    """
    models = model_finder(settings)
    if name != "auto":
        return models.find(name, Kind.DIARIZATION)
    token = settings.huggingface_token.get_secret_value()
    return models.first(_DIARIZERS_WITH_TOKEN if token else ("packaged",), Kind.DIARIZATION)


def language_model(settings: Settings) -> ChatModel | None:
    """The language model that is configured; ``None`` if none is.

    Raises:
        InvalidOption: the provider is unknown, or it has no usual model and none is named.
    """
    if settings.llm_block:
        block = load_block(
            settings.rooms, settings.prefect_home, "trax-language-model", settings.llm_block
        )
        return cast(ChatModel, block.chat_model())
    config = chat_config(settings)
    return None if config is None else ChatModel(config)


def chat_config(settings: Settings) -> ChatConfig | None:
    """The language model's server, with the key of its provider; ``None`` if none is set.

    A key of a known provider names that provider if nothing else does.
    """
    keys = {"deepseek": settings.deepseek_api_key, "openai": settings.openai_api_key}
    config = settings.llm
    provider = config.provider
    if not provider and not config.base_url:
        provider = next((name for name, key in keys.items() if key.get_secret_value()), "")
    key = config.api_key
    if not key.get_secret_value():
        key = keys.get(provider, key)
    if not provider and not config.base_url and not key.get_secret_value():
        return None
    return config.model_copy(update={"provider": provider, "api_key": key})


class LoadedEngines:
    """Engines by model, kept for the life of the process.

    Args:
        shelf: where domain adapters are kept; ``None`` if there are none.
    """

    def __init__(self, settings: Settings, shelf: AdapterShelf | None = None) -> None:
        self._settings = settings
        self._shelf = shelf
        self._decoders: dict[tuple[str, str, str], WhisperDecoder | None] = {}
        self._lock = threading.RLock()
        self._diarizers: dict[str, Diarizer] = {}

    @cached_property
    def manager(self) -> ModelManager:
        """Keeps models loaded, within the memory they may take."""
        return ModelManager(self._settings.chosen_model_memory)

    def recogniser(self, options: RecognitionOptions, sees: Sees = everybody) -> Recogniser:
        """A recogniser that follows the plan in *options*, with the models that are available."""
        passes = options.chosen_passes(self._settings.chosen_device)
        cards = [card for card in self._cards(options) if sees(card)]
        first = partial(self._first, given=_by_base(cards, options.adapter))
        english: list[WhisperDecoder | None] = []
        others: list[WhisperDecoder | None] = []
        if options.language in (None, ENGLISH):
            english = [first(each, lambda codes: ENGLISH in codes) for each in passes]
        if options.language is None:
            others = [first(each, lambda codes: codes != {ENGLISH}) for each in passes]
        elif options.language != ENGLISH:
            others = [first(each, lambda codes: options.language in codes) for each in passes]
        if not any(english) and not any(others):
            self._refuse(passes, options.language or ENGLISH)
        calibration = load_calibration(self._settings.calibration or SHIPPED)
        planned = partial(PlannedRecogniser, passes, english, others, calibration)
        if options.adapter == "auto":
            return planned(chooser=self._chooser(cards, passes, [*english, *others]))
        if options.adapter == "none":
            return planned()
        return planned(adapter=self._given(options.adapter, cards, [*english, *others]))

    def aligner(self, language: str) -> Aligner:
        """The small model that reads *language*."""
        options = RecognitionOptions(plan="fast", language=language or None)
        (first, *_others) = options.chosen_passes(self._settings.chosen_device)
        decoder = self._first(first, lambda codes: options.language in codes, {})
        if decoder is None:
            raise ModelUnavailable(first.models[-1], f"no model at hand reads {language}")
        return decoder

    def decoders(self, names: Sequence[str], language: str) -> list[Decoder]:
        """Those of the models called *names* that are available and read *language*, in order.

        Raises:
            ModelUnavailable: there is none.
        """
        found = [self._decoder(name, "") for name in dict.fromkeys(names)]
        fitting: list[Decoder] = [
            each for each in found if each is not None and language in each.languages
        ]
        if not fitting:
            raise ModelUnavailable(names[0], f"no model at hand reads {language}")
        return fitting

    def _cards(self, options: RecognitionOptions) -> list[AdapterCard]:
        """The adapters that may be read with."""
        if self._shelf is None or options.adapter == "none":
            return []
        if options.adapter == "auto":
            return [card for card in self._shelf.all() if card.passages]
        return self._shelf.named(options.adapter)

    def _given(
        self, name: str, cards: Sequence[AdapterCard], decoders: Sequence[WhisperDecoder | None]
    ) -> AdapterUse:
        """The use of the adapter called *name* by some of *decoders*.

        Raises:
            InvalidOption: it is for none of their models.
        """
        if not cards:
            raise NotFound("adapter", name)
        names = {decoder.model.name for decoder in decoders if decoder is not None}
        used = [card for card in cards if f"{card.base}+{card.name}" in names]
        if not used:
            bases = ", ".join(card.base for card in cards)
            raise InvalidOption(
                f"the adapter {name} is for {bases}, and the plan reads with "
                f"{', '.join(sorted(names))}"
            )
        return use_of(used, "given", {})

    def _chooser(
        self,
        cards: Sequence[AdapterCard],
        passes: Sequence[Pass],
        decoders: Sequence[WhisperDecoder | None],
    ) -> DomainChooser | None:
        """Chooses among adapters for the models of *decoders* by meaning; ``None`` if it cannot.

        Adapters for other weights of them, which an update has replaced, are passed over.
        """
        models = [decoder.model for decoder in decoders if decoder is not None]
        known = {(model.name, model.revision) for model in models}
        fitting = [card for card in cards if (card.base, card.base_revision) in known]
        embedder = self.embedder() if fitting else None
        if embedder is None:
            return None

        def adapted(card: AdapterCard) -> dict[str, Decoder]:
            found: dict[str, Decoder] = {}
            for made in passes:
                base = self._decoder(card.base, made.compute_type)
                decoder = self._decoder(card.base, made.compute_type, card)
                if base is not None and decoder is not None:
                    found[base.fingerprint] = decoder
            return found

        return DomainChooser(fitting, embedder, adapted)

    def _first(
        self,
        made: Pass,
        is_right: Callable[[frozenset[str]], bool],
        given: Mapping[str, AdapterCard],
    ) -> WhisperDecoder | None:
        """The first of a pass's models that is available and has the right languages, with the
        adapter that is *given* for it.
        """
        for name in made.models:
            decoder = self._decoder(name, made.compute_type, given.get(name))
            if decoder is not None and is_right(decoder.languages):
                return decoder
        return None

    def _refuse(self, passes: Sequence[Pass], language: str) -> NoReturn:
        """Say which model is missing, or else which languages the models know."""
        names = dict.fromkeys(name for made in passes for name in made.models)
        known = {}
        for name in names:
            decoder = self._decoder(name, "")
            if decoder is not None:
                known[name] = decoder.languages
        if not known:
            model_finder(self._settings).first(passes[-1].models, Kind.RECOGNITION)
        raise unknown_language(language, known)

    def _decoder(
        self, name: str, compute_type: str, card: AdapterCard | None = None
    ) -> WhisperDecoder | None:
        """The model *name*, with an adapter if there is one; ``None`` if it is not available."""
        key = (name, compute_type, card.identity if card else "")
        with self._lock:
            if key not in self._decoders:
                self._decoders[key] = self._made(name, compute_type, card)
            return self._decoders[key]

    def _made(
        self, name: str, compute_type: str, card: AdapterCard | None
    ) -> WhisperDecoder | None:
        settings = self._settings
        placement = Placement(
            settings.chosen_device,
            compute_type or settings.chosen_compute_type,
            settings.chosen_threads,
        )
        try:
            model = recognition_model(settings, name)
        except ModelUnavailable:
            return None
        if card is not None and self._shelf is not None:
            model = adapted_model(
                model, card, self._shelf, self._merged_models, placement.compute_type
            )

        def measure() -> Use:
            return Use(model.name, (model.folder() / "model.bin").stat().st_size)

        key = (model.fingerprint, placement)
        load = partial(load_whisper, model, placement)
        return WhisperDecoder(model, placement, lambda: self.manager.get(key, measure, load))

    def forget_adapter(self, card: AdapterCard) -> None:
        """Remove the models on this machine that an adapter was merged into."""
        forget_merged(self._merged_models, card)

    @property
    def _merged_models(self) -> Path:
        return models_folder(self._settings) / "adapted"

    def learner(self, name: str) -> Learner:
        """The recognition model called *name*, which may be taught."""
        settings = self._settings
        model = recognition_model(settings, name)
        decoder = self._decoder(model.name if name == "auto" else name, "")
        if decoder is None:
            raise ModelUnavailable(name, "it cannot be found any more")
        return Learner(
            model=model,
            placement=decoder.placement,
            decoder=decoder,
            calibration=load_calibration(settings.calibration or SHIPPED),
        )

    def diarizer(self, options: DiarizationOptions) -> Diarizer:
        """The engine that *options* name."""
        with self._lock:
            if options.model not in self._diarizers:
                model = diarization_model(self._settings, options.model)
                self._diarizers[options.model] = self._made_diarizer(model)
            return self._diarizers[options.model]

    def _made_diarizer(self, model: Model) -> Diarizer:
        device = self._settings.chosen_device
        if model.name == "packaged":
            from trax.diarization.packaged import PackagedDiarizer

            return PackagedDiarizer(model, device, _DIARIZER_THREADS, self.manager)
        from trax.diarization.pyannote import PyannoteDiarizer

        token = self._settings.huggingface_token.get_secret_value()
        return PyannoteDiarizer(model, device, _DIARIZER_THREADS, token, self.manager)

    @cached_property
    def voices(self) -> VoiceEngines:
        """Engines that separate, synthesise, convert, compare and mark voices."""
        settings = self._settings
        return LoadedVoices(
            model_finder(settings),
            self.manager,
            settings.chosen_device,
            settings.chosen_threads,
        )

    def language_model(self) -> LanguageModel | None:
        """The language model that is configured."""
        return self._language_model

    def embedder(self) -> Embedder | None:
        """The text embedding model that is available."""
        return self._embedder

    @cached_property
    def _language_model(self) -> LanguageModel | None:
        return language_model(self._settings)

    @cached_property
    def _embedder(self) -> Embedder | None:
        from trax.enhance.minilm import MiniLM

        try:
            return MiniLM(model_finder(self._settings).find("minilm", Kind.EMBEDDING))
        except ModelUnavailable:
            return None


def _by_base(cards: Sequence[AdapterCard], adapter: str) -> dict[str, AdapterCard]:
    """The adapters given by name, by the model that each is for."""
    return {} if adapter == "auto" else {card.base: card for card in cards}
