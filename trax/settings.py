"""Settings from the environment and from files of secrets."""

import hashlib
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, BaseModel, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from trax.errors import InvalidOption
from trax.hardware import (
    available_memory,
    available_processors,
    compute_types,
    cuda_device_count,
    device_memory,
)
from trax.home import data_folder
from trax.servers import ChatConfig, DatabaseConfig, OidcConfig, RetentionConfig, S3Config


class TargetsConfig(BaseModel):
    """What an installation is to reach; `trax.service.analytics` says whether it does."""

    five_minutes: float = Field(
        25.0, gt=0, description="Seconds in which five minutes of audio are to be transcribed."
    )
    memory_gb: float = Field(8.0, gt=0, description="Memory that no stage is to exceed, in GB.")
    speakers: float = Field(
        0.9, ge=0, le=1, description="Share of speech that is to have the right speaker."
    )
    words: float = Field(0.995, ge=0, le=1, description="Share of words that are to be right.")
    cost: float = Field(0.005, ge=0, description="US dollars that a recording is to cost at most.")
    machine_hour: float = Field(
        0.0, ge=0, description="US dollars that an hour of a machine's work costs; 0: not counted."
    )


class Settings(RetentionConfig, BaseSettings):
    """Everything that can be set, each by the environment variable ``TRAX_<NAME>``."""

    model_config = SettingsConfigDict(
        env_prefix="TRAX_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        extra="ignore",
        populate_by_name=True,
    )

    home: Path = Field(
        default_factory=data_folder,
        description="Folder for everything Trax keeps.",
    )
    models_dir: Path | None = Field(
        None, description="Folder with models of your own; TRAX_HOME/models."
    )
    database: DatabaseConfig = Field(
        default_factory=DatabaseConfig, description="The database: SQLite in TRAX_HOME by default"
    )
    database_block: str = Field(
        "", description="Name of a TranscriptDatabase block to use instead."
    )
    s3: S3Config = Field(
        default_factory=S3Config, description="The object store: a folder in TRAX_HOME by default"
    )
    cache_bytes: int = Field(
        20 << 30, gt=0, description="Local copies of objects of the S3 server, in bytes."
    )
    object_store_block: str = Field("", description="Name of an ObjectStore block to use instead.")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where models run.")
    cuda_devices: str = Field(
        "all",
        description="GPUs this process may use, as `nvidia-smi` numbers them, such as 0,1; all.",
    )
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
    llm: ChatConfig = Field(
        default_factory=ChatConfig,
        description="The language model: none by default",
    )
    llm_block: str = Field("", description="Name of a LanguageModel block to use instead.")
    llm_budget_job: float | None = Field(
        None, ge=0, description="US dollars that one job may cost; no limit."
    )
    llm_budget_day: float | None = Field(
        None, ge=0, description="US dollars that a day (UTC) may cost; no limit."
    )
    deepseek_api_key: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("TRAX_DEEPSEEK_API_KEY", "DEEPSEEK_API_KEY"),
        description="Key for DeepSeek; with one, transcripts are sent there.",
    )
    openai_api_key: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("TRAX_OPENAI_API_KEY", "OPENAI_API_KEY"),
        description="Key for OpenAI; with one, transcripts are sent there.",
    )
    spacy_model: str = Field(
        "", description="spaCy model that finds names to hide, such as en_core_web_sm."
    )
    runner: Literal["auto", "prefect", "local"] = Field(
        "auto",
        description="What runs the stages: Prefect, as a flow, or plain Python; auto takes Prefect "
        "where a Prefect server is configured.",
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

    targets: TargetsConfig = Field(
        default_factory=TargetsConfig, description="What is to be reached"
    )
    service_token: SecretStr = Field(
        SecretStr(""),
        description="A token that may do everything with the service (`trax serve`).",
    )
    oidc: OidcConfig = Field(
        default_factory=OidcConfig, description="Where an organisation's people sign in"
    )
    cors_origins: str = Field(
        "",
        description="Other sites whose pages may use the service with a token, such as "
        "https://desk.example, by commas; none.",
    )
    audit_days: float | None = Field(
        365.0,
        gt=0,
        description="Days for which is kept who read what and who was refused. What was done to "
        "the data is kept for ever.",
    )
    service_requests: int | None = Field(
        None,
        ge=0,
        description="Requests a minute of one user or token; 0 for no limit. 1200, and no limit "
        "for a service that this machine alone reaches.",
    )
    service_jobs: int | None = Field(
        None,
        ge=0,
        description="Jobs of one user or token that have not ended; 0 for no limit. 200, and no "
        "limit for a service that this machine alone reaches.",
    )
    live_sessions: int = Field(
        0, ge=0, le=1000, description="Live sessions at a time; 0: three for every two threads."
    )
    service_day_minutes: float = Field(
        0.0, ge=0, description="Minutes of recordings a day (UTC) of one; 0 for no limit."
    )
    service_month_minutes: float = Field(
        0.0, ge=0, description="Minutes of recordings a month (UTC) of one; 0 for no limit."
    )
    inside_targets: str = Field(
        "",
        description="Addresses inside that webhooks and recordings by URL may name: "
        "hooks.lan:9000, 10.1.0.0/16; by commas.",
    )
    url_uploads: bool = Field(
        False, description="The service fetches recordings from the URLs that callers name."
    )

    log_format: Literal["auto", "text", "json"] = Field(
        "auto", description="How what runs until it is stopped logs; auto: text on a terminal."
    )
    otlp_endpoint: str = Field(
        "", description="Where traces go by OTLP over HTTP, such as http://collector:4318."
    )
    sentry_dsn: SecretStr = Field(SecretStr(""), description="Where defects are reported.")
    environment: str = Field("production", description="What reports call this installation.")

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
        elif self.s3.endpoint:
            where = f"{self.s3.endpoint}/{self.s3.bucket}"
        else:
            where = str((self.home / "objects").resolve())
        return hashlib.sha256(where.encode()).hexdigest()[:16]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment before files of secrets."""
        return init_settings, env_settings, _SecretFiles(settings_cls)


class _SecretFiles(EnvSettingsSource):
    """Files named like variables, in small letters, as Docker and Kubernetes mount secrets."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        folder = _secrets_folder()
        if folder is None:
            return {}
        known = {name.lower() for name in variables()}
        files = [file for file in folder.iterdir() if file.name.lower() in known]
        return {file.name.lower(): file.read_text(encoding="utf-8").strip() for file in files}


def variables() -> dict[str, FieldInfo]:
    """Every environment variable that is read, with the field that it sets."""
    found: dict[str, FieldInfo] = {}
    for name, field in Settings.model_fields.items():
        variable = f"TRAX_{name.upper()}"
        group = field.annotation
        if isinstance(group, type) and issubclass(group, BaseModel):
            for inner, inner_field in group.model_fields.items():
                found[f"{variable}_{inner.upper()}"] = inner_field
        elif isinstance(field.validation_alias, AliasChoices):
            found |= {str(choice): field for choice in field.validation_alias.choices}
        else:
            found[variable] = field
    return found


def load_settings() -> Settings:
    """Settings from the environment, and from files named like them in TRAX_SECRETS_DIR (default
    /run/secrets).

    Raises:
        InvalidOption: a variable's value makes no sense; the message names it.
    """
    try:
        return Settings()
    except SettingsError as error:
        raise InvalidOption(f"the settings cannot be read: {error}") from error
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
