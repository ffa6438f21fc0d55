"""Settings from the environment, and the one place where engines and stores are built from them."""

import hashlib
import logging
import os
import threading
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, cast

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from trax.asr import PLANS, Pass, Recogniser, RecognitionOptions
from trax.asr.confidence import SHIPPED, load_calibration
from trax.asr.recogniser import PlannedRecogniser
from trax.asr.whisper import Placement, WhisperDecoder, load_whisper
from trax.audio import Limits
from trax.diarization import DiarizationOptions, Diarizer
from trax.enhance import Embedder, LanguageModel
from trax.enhance.chat import ChatModel, chat_config
from trax.enhance.providers import PROVIDERS
from trax.enhance.spending import Budget
from trax.errors import InvalidOption, ModelUnavailable
from trax.hardware import available_memory, available_processors
from trax.host import EngineClient
from trax.models import Kind, Model, ModelFinder, ModelManager, Use
from trax.orchestration.local import load_block
from trax.store import Database, FolderStore, JobRepository, ObjectStore, TranscriptRepository
from trax.store.objects import S3, RetentionPolicy
from trax.watch import Place
from trax.watch.local import LocalPlace
from trax.work.workspace import Workspace

_DIARIZERS_WITH_TOKEN = ("community-1", "3.1", "packaged")

_DIARIZER_THREADS = (
    1  # on a CPU: two took twice the processor time for the same small networks, and longer
)

# Libraries read these once, when they are imported. Idle threads that spin take the processor from
# the other stage; oneDNN would keep a compiled kernel for every length of speech it has met, 350 MB
# of them.
_RUNTIME = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "8",
    "PYANNOTE_METRICS_ENABLED": "0",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "MPLBACKEND": "agg",
}


class Settings(BaseSettings):
    """Everything that can be set, each by the environment variable ``TRAX_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="TRAX_", extra="ignore", populate_by_name=True)

    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("trax")),
        description="Folder for everything Trax keeps.",
    )
    models_dir: Path | None = Field(
        None, description="Folder with models of your own; TRAX_HOME/models."
    )
    database_url: SecretStr = Field(
        SecretStr(""),
        description="postgresql://user:password@host/name, or sqlite:///file; SQLite in TRAX_HOME.",
    )
    database_block: str = Field(
        "", description="Name of a TranscriptDatabase block to use instead."
    )
    s3_endpoint: str = Field(
        "", description="http://host:9000 of MinIO or another S3 server; a folder in TRAX_HOME."
    )
    s3_bucket: str = Field(
        "trax", description="Bucket for audio, checkpoints and exports; made on first use."
    )
    s3_access_key: SecretStr = Field(SecretStr(""), description="Access key of the S3 server.")
    s3_secret_key: SecretStr = Field(SecretStr(""), description="Secret key of the S3 server.")
    s3_region: str = Field("us-east-1", description="Region of the S3 server.")
    s3_encryption: str = Field(
        "none", description="Encryption by the S3 server: none, sse-s3, sse-kms:KEY."
    )
    s3_link_seconds: int = Field(
        604_800, gt=0, le=604_800, description="For how long links to objects work."
    )
    cache_bytes: int = Field(
        20 << 30, gt=0, description="Local copies of objects of the S3 server, in bytes."
    )
    object_store_block: str = Field("", description="Name of an ObjectStore block to use instead.")
    keep_audio_days: int | None = Field(
        None, ge=1, description="Days that decoded audio is kept; for ever."
    )
    keep_checkpoint_days: int | None = Field(
        30, ge=1, description="Days that results of stages are kept."
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where models run.")
    cuda_devices: str = Field("all", description="GPUs this process may use, such as 0,1; all.")
    compute_type: str = Field(
        "auto", description="CTranslate2 arithmetic: int8, float16, int8_float16…"
    )
    threads: int = Field(0, ge=0, le=512, description="CPU threads a model; 0 takes all.")
    offline: bool = Field(False, description="Never ask the model hub.")
    huggingface_token: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("TRAX_HUGGINGFACE_TOKEN", "HUGGINGFACE_TOKEN", "HF_TOKEN"),
        description="For gated models.",
    )
    max_bytes: int = Field(16 << 30, gt=0, description="Largest recording accepted, in bytes.")
    max_duration: float = Field(
        24 * 3600.0, gt=0, description="Longest recording accepted, in seconds."
    )
    model_memory_gb: float = Field(
        0.0,
        ge=0,
        description="Memory for loaded recognition models, in GB; half of what the device has.",
    )
    calibration: Path | None = Field(
        None, description="Calibration made by `trax calibrate`; the one Trax ships."
    )
    stage_timeout: float = Field(
        4 * 3600.0, gt=0, description="Seconds a stage may take an hour of audio."
    )
    llm_provider: str = Field(
        "",
        description=f"Language model server: {', '.join(PROVIDERS)}; told by the key that is set.",
    )
    llm_base_url: str = Field("", description="Where it is; its provider's address.")
    llm_model: str = Field("", description="Which of its models; its provider's usual one.")
    llm_api_key: SecretStr = Field(
        SecretStr(""),
        description="Its key; DEEPSEEK_API_KEY or OPENAI_API_KEY. With one, transcripts go there.",
    )
    llm_block: str = Field("", description="Name of a LanguageModel block to use instead.")
    llm_timeout: float = Field(60.0, gt=0, description="Seconds an answer may take.")
    llm_retries: int = Field(4, ge=0, le=10, description="How often a failed call is made again.")
    llm_concurrency: int = Field(4, ge=1, le=64, description="Calls at once.")
    llm_price_prompt: float | None = Field(
        None, ge=0, description="US dollars a million tokens sent; list price."
    )
    llm_price_cached: float | None = Field(
        None, ge=0, description="The same where the server had them in its cache."
    )
    llm_price_completion: float | None = Field(
        None, ge=0, description="US dollars a million tokens received."
    )
    llm_budget_job: float | None = Field(
        None, ge=0, description="US dollars that one job may cost; no limit."
    )
    llm_budget_day: float | None = Field(
        None, ge=0, description="US dollars that a day (UTC) may cost; no limit."
    )
    deepseek_api_key: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("TRAX_DEEPSEEK_API_KEY", "DEEPSEEK_API_KEY"),
        description="Of DeepSeek.",
    )
    openai_api_key: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("TRAX_OPENAI_API_KEY", "OPENAI_API_KEY"),
        description="Of OpenAI.",
    )
    spacy_model: str = Field(
        "", description="spaCy model that finds names to hide, such as en_core_web_sm."
    )
    runner: Literal["auto", "prefect", "local"] = Field(
        "auto",
        description="What runs the flow: Prefect, or plain Python; auto takes Prefect where the "
        "flows "
        "are.",
    )

    engine: Literal["auto", "off"] = Field(
        "auto",
        description="Stages with models go to an engine process (`trax engine run`) where one "
        "runs; off: "
        "never.",
    )
    engines_dir: Path | None = Field(
        None, description="Folder with the sockets of engine processes; TRAX_HOME/engines."
    )
    engine_idle: float = Field(
        600.0, gt=0, description="Seconds after which an engine unloads a model nobody uses."
    )

    rooms: Path | None = Field(
        None, description="Folder that holds flows/, tasks/ and blocks/; beside the library."
    )

    @cached_property
    def models(self) -> ModelFinder:
        """Finds models on this machine and on the hub."""
        folder = self.models_dir or self.home / "models"
        return ModelFinder(folder, self.huggingface_token.get_secret_value(), self.offline)

    @cached_property
    def chosen_device(self) -> Literal["cpu", "cuda"]:
        """The device set, or CUDA where there is one."""
        if self.device != "auto":
            return self.device
        import ctranslate2

        return "cuda" if ctranslate2.get_cuda_device_count() else "cpu"

    @property
    def device_name(self) -> str:
        """What the device that this process uses is called: ``cpu``, ``cuda-0``…"""
        if self.chosen_device == "cpu":
            return "cpu"
        return f"cuda-{os.environ.get('CUDA_VISIBLE_DEVICES', '').split(',')[0] or 0}"

    @cached_property
    def chosen_compute_type(self) -> str:
        """The arithmetic set, or the fastest sensible one that the device can do."""
        if self.compute_type != "auto":
            return self.compute_type
        import ctranslate2

        able = ctranslate2.get_supported_compute_types(self.chosen_device)
        wanted = ("float16", "int8_float16", "int8") if self.chosen_device == "cuda" else ("int8",)
        return next((kind for kind in wanted if kind in able), "default")

    @cached_property
    def chosen_threads(self) -> int:
        """The number of threads set, or the processors this process may use."""
        return self.threads or available_processors()

    @cached_property
    def chosen_model_memory(self) -> int:
        """Bytes that loaded recognition models may take: as set, or half of what the device has."""
        if self.model_memory_gb:
            return round(self.model_memory_gb * 1e9)
        if self.chosen_device == "cuda":
            import torch

            return int(torch.cuda.mem_get_info()[1]) // 2
        return available_memory() // 2

    def recognition_model(self, name: str) -> Model:
        """The recognition model called *name*; ``auto`` is the larger one of the balanced plan."""
        if name == "auto":
            return self.models.first(
                PLANS["balanced"](self.chosen_device)[-1].models, Kind.RECOGNITION
            )
        return self.models.find(name, Kind.RECOGNITION)

    def diarization_model(self, name: str) -> Model:
        """The diarization model called *name*; ``auto`` is pyannote's own with a token, else the
        packaged one.
        """
        if name == "auto":
            token = self.huggingface_token.get_secret_value()
            return self.models.first(
                _DIARIZERS_WITH_TOKEN if token else ("packaged",), Kind.DIARIZATION
            )
        return self.models.find(name, Kind.DIARIZATION)

    def language_model(self) -> ChatModel | None:
        """The language model that is configured; ``None`` where none is.

        Raises:
            InvalidOption: there is no such provider, or it has no usual model and none is named.
        """
        if self.llm_block:
            return cast(ChatModel, _block(self, "trax-language-model", self.llm_block).chat_model())
        keys = {"deepseek": self.deepseek_api_key, "openai": self.openai_api_key}
        told = (
            name for name, key in keys.items() if key.get_secret_value() and not self.llm_base_url
        )
        name = self.llm_provider or next(told, "")
        key = (
            self.llm_api_key.get_secret_value() or keys.get(name, SecretStr("")).get_secret_value()
        )
        if not name and not self.llm_base_url and not key:
            return None
        prices = (self.llm_price_prompt, self.llm_price_cached, self.llm_price_completion)
        config = chat_config(name, self.llm_base_url, self.llm_model, key, prices)
        return ChatModel(
            replace(
                config,
                timeout=self.llm_timeout,
                retries=self.llm_retries,
                concurrency=self.llm_concurrency,
            )
        )

    def workspace(self) -> Workspace:
        """Stores and engines as these settings say."""
        for name, value in _RUNTIME.items():
            os.environ.setdefault(name, value)
        if self.cuda_devices != "all":
            os.environ.setdefault("CUDA_VISIBLE_DEVICES", self.cuda_devices)
        return Workspace(
            objects=self.objects(),
            database=self.database(),
            engines=_LoadedEngines(self),
            limits=Limits(size_bytes=self.max_bytes, duration=self.max_duration),
            stage_timeout=self.stage_timeout,
            budget=Budget(self.llm_budget_job, self.llm_budget_day),
            spacy_model=self.spacy_model,
            device=EngineClient(self.sockets, self.store_identity)
            if self.engine == "auto"
            else None,
            here=self.device_name,
        )

    @property
    def sockets(self) -> Path:
        """The folder with the sockets of engine processes."""
        return self.engines_dir or self.home / "engines"

    @property
    def store_identity(self) -> str:
        """Tells whether two processes keep objects in the same place, and not where that is."""
        where = self.object_store_block or (
            f"{self.s3_endpoint}/{self.s3_bucket}"
            if self.s3_endpoint
            else str((self.home / "objects").resolve())
        )
        return hashlib.sha256(where.encode()).hexdigest()[:16]

    def database(self) -> Database:
        """The database of transcripts and jobs."""
        if self.database_block:
            return cast(
                Database, _block(self, "trax-transcript-database", self.database_block).database()
            )
        return Database(
            self.database_url.get_secret_value() or f"sqlite:///{self.home / 'trax.db'}"
        )

    def repository(self) -> TranscriptRepository:
        """Transcripts in the database."""
        return TranscriptRepository(self.database())

    def jobs(self) -> JobRepository:
        """Jobs in the database."""
        return JobRepository(self.database())

    def objects(self) -> ObjectStore:
        """The store of audio, checkpoints and exports."""
        if self.object_store_block:
            block = _block(self, "trax-object-store", self.object_store_block)
            return cast(ObjectStore, block.store(self.home))
        if not self.s3_endpoint:
            return FolderStore(self.home / "objects")
        from trax.store.s3 import S3Config, S3Store

        logging.getLogger("urllib3").setLevel(
            logging.ERROR
        )  # it warns before each new try; the last one is an error
        config = S3Config(
            endpoint=self.s3_endpoint,
            bucket=self.s3_bucket,
            access_key=self.s3_access_key.get_secret_value(),
            secret_key=self.s3_secret_key.get_secret_value(),
            region=self.s3_region,
            encryption=self.s3_encryption,
            link_seconds=self.s3_link_seconds,
            cache_bytes=self.cache_bytes,
        )
        return S3Store(config, FolderStore(self.home / "cache"), self.retention())

    def place(self, folder: str) -> Place:
        """The watched folder at a path, or at ``s3://bucket/prefix`` of the S3 server that is
        configured.

        Raises:
            InvalidOption: it is a bucket's address, and no S3 server is configured.
        """
        if not folder.startswith(S3):
            return LocalPlace(Path(folder).expanduser())
        from trax.store.s3 import S3Store
        from trax.watch.bucket import BucketPlace

        objects = self.objects()
        if not isinstance(objects, S3Store):
            raise InvalidOption(f"{folder} cannot be watched: set TRAX_S3_ENDPOINT and its keys")
        return BucketPlace(folder, objects.config)

    def retention(self) -> RetentionPolicy:
        """How long things are kept."""
        return RetentionPolicy(
            audio_days=self.keep_audio_days, checkpoint_days=self.keep_checkpoint_days
        )


def _block(settings: Settings, kind: str, name: str) -> Any:
    return load_block(settings.rooms, settings.home / "prefect", kind, name)


class _LoadedEngines:
    """Engines by model, kept for the life of the process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._decoders: dict[tuple[str, str], WhisperDecoder | None] = {}
        self._lock = threading.RLock()
        self._diarizers: dict[str, Diarizer] = {}

    @cached_property
    def manager(self) -> ModelManager:
        """Keeps models loaded, within the memory they may take."""
        return ModelManager(self._settings.chosen_model_memory)

    def recogniser(self, options: RecognitionOptions) -> Recogniser:
        """A recogniser that follows the plan in *options*, with models that are at hand."""
        passes = options.chosen_passes(self._settings.chosen_device)
        english = (
            [self._first(each, english=True) for each in passes]
            if options.language in (None, "en")
            else []
        )
        others = (
            [self._first(each, english=False) for each in passes]
            if options.language != "en"
            else []
        )
        if not any(english) and not any(others):
            self._settings.models.first(passes[-1].models, Kind.RECOGNITION)  # says what is missing
        calibration = load_calibration(self._settings.calibration or SHIPPED)
        return PlannedRecogniser(passes, english, others, calibration)

    def _first(self, made: Pass, *, english: bool) -> WhisperDecoder | None:
        """The first of a pass's models that is at hand and knows the language."""
        found = (self._decoder(name, made.compute_type) for name in made.models)
        return next(
            (each for each in found if each is not None and (english or each.multilingual)), None
        )

    def _decoder(self, name: str, compute_type: str) -> WhisperDecoder | None:
        with self._lock:
            if (name, compute_type) not in self._decoders:
                self._decoders[name, compute_type] = self._made(name, compute_type)
            return self._decoders[name, compute_type]

    def _made(self, name: str, compute_type: str) -> WhisperDecoder | None:
        settings = self._settings
        try:
            model = settings.recognition_model(name)
        except ModelUnavailable:
            return None
        placement = Placement(
            settings.chosen_device,
            compute_type or settings.chosen_compute_type,
            settings.chosen_threads,
        )

        def measure() -> Use:
            return Use(model.name, (model.folder() / "model.bin").stat().st_size)

        key = (model.fingerprint, placement)
        return WhisperDecoder(
            model,
            placement,
            lambda: self.manager.get(key, measure, lambda: load_whisper(model, placement)),
        )

    def language_model(self) -> LanguageModel | None:
        """The language model that is configured."""
        return self._language_model

    def embedder(self) -> Embedder | None:
        """The text embedding model that is at hand."""
        return self._embedder

    @cached_property
    def _language_model(self) -> LanguageModel | None:
        return self._settings.language_model()

    @cached_property
    def _embedder(self) -> Embedder | None:
        from trax.enhance.minilm import MiniLM

        try:
            return MiniLM(self._settings.models.find("minilm", Kind.EMBEDDING))
        except ModelUnavailable:
            return None

    def diarizer(self, options: DiarizationOptions) -> Diarizer:
        """The engine that *options* name."""
        with self._lock:
            if options.model not in self._diarizers:
                self._diarizers[options.model] = self._made_diarizer(
                    self._settings.diarization_model(options.model)
                )
            return self._diarizers[options.model]

    def _made_diarizer(self, model: Model) -> Diarizer:
        device = self._settings.chosen_device
        if model.name == "packaged":
            from trax.diarization.packaged import PackagedDiarizer

            return PackagedDiarizer(model, device, _DIARIZER_THREADS, self.manager)
        from trax.diarization.pyannote import PyannoteDiarizer

        token = self._settings.huggingface_token.get_secret_value()
        return PyannoteDiarizer(model, device, _DIARIZER_THREADS, token, self.manager)


def load_settings() -> Settings:
    """Settings from the environment, and from files named like them in TRAX_SECRETS_DIR (default
    /run/secrets).

    Raises:
        InvalidOption: a variable's value makes no sense; the message names it.
    """
    try:
        return Settings(_secrets_dir=_secrets_folder())
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper().removeprefix("TRAX_")
        raise InvalidOption(f"TRAX_{name}: {first['msg']}") from error


def _secrets_folder() -> Path | None:
    """The folder with a file a secret, such as ``trax_database_url``, where there is one."""
    named = os.environ.get("TRAX_SECRETS_DIR")
    folder = Path(named or "/run/secrets")
    if named and not folder.is_dir():
        raise InvalidOption(f"TRAX_SECRETS_DIR: there is no folder {folder}")
    return folder if folder.is_dir() else None
