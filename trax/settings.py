"""Settings from the environment and from files of secrets."""

import hashlib
import os
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from trax.enhance.providers import PROVIDERS
from trax.errors import InvalidOption
from trax.hardware import (
    available_memory,
    available_processors,
    compute_types,
    cuda_device_count,
    device_memory,
)
from trax.home import data_folder


class Settings(BaseSettings):
    """Everything that can be set, each by the environment variable ``TRAX_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="TRAX_", extra="ignore", populate_by_name=True)

    home: Path = Field(
        default_factory=data_folder,
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
    def chosen_device(self) -> Literal["cpu", "cuda"]:
        """The device set, or CUDA if there is one."""
        if self.device != "auto":
            return self.device
        return "cuda" if cuda_device_count() else "cpu"

    @property
    def device_name(self) -> str:
        """The name of the device that this process uses: ``cpu``, ``cuda-0``…"""
        if self.chosen_device == "cpu":
            return "cpu"
        return f"cuda-{os.environ.get('CUDA_VISIBLE_DEVICES', '').split(',')[0] or 0}"

    @cached_property
    def chosen_compute_type(self) -> str:
        """The arithmetic set, or the fastest sensible one that the device supports."""
        if self.compute_type != "auto":
            return self.compute_type
        supported = compute_types(self.chosen_device)
        wanted = ("float16", "int8_float16", "int8") if self.chosen_device == "cuda" else ("int8",)
        return next((kind for kind in wanted if kind in supported), "default")

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
            return device_memory() // 2
        return available_memory() // 2

    @property
    def prefect_home(self) -> Path:
        """The folder in which Prefect keeps its history if the user has no server."""
        return self.home / "prefect"

    @property
    def sockets(self) -> Path:
        """The folder with the sockets of engine processes."""
        return self.engines_dir or self.home / "engines"

    @property
    def store_identity(self) -> str:
        """Equal for two processes that keep objects in the same place; does not say where."""
        if self.object_store_block:
            where = self.object_store_block
        elif self.s3_endpoint:
            where = f"{self.s3_endpoint}/{self.s3_bucket}"
        else:
            where = str((self.home / "objects").resolve())
        return hashlib.sha256(where.encode()).hexdigest()[:16]


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
