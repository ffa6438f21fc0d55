"""The servers that can be configured, each described once.

The settings read these groups, Prefect's blocks inherit them as their forms, and the stores and
the language model take them. They import nothing but pydantic, so that reading them costs nothing.
"""

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class S3Config(BaseModel):
    """Where an S3 server is and how to use it."""

    model_config = ConfigDict(frozen=True)

    endpoint: str = Field(
        "",
        description="Address of MinIO or another S3 server; empty: a folder on this machine.",
        examples=["http://minio:9000"],
    )
    public_endpoint: str = Field(
        "",
        description="Address of the same server for browsers, which links lead to; empty: the "
        "same.",
        examples=["http://127.0.0.1:9000"],
    )
    bucket: str = Field(
        "trax",
        description="Bucket for audio, checkpoints and exports; made on first use.",
    )
    access_key: SecretStr = Field(SecretStr(""), description="Access key: the account's name.")
    secret_key: SecretStr = Field(SecretStr(""), description="Secret key: its password.")
    region: str = Field("us-east-1", description="Region of the server.")
    encryption: str = Field(
        "none",
        description="Encryption by the server: none, sse-s3, or sse-kms:KEY.",
        examples=["sse-s3"],
    )
    link_seconds: int = Field(
        604_800, gt=0, le=604_800, description="Seconds for which links to objects work."
    )


class RetentionConfig(BaseModel):
    """How long an object store keeps things."""

    keep_audio_days: int | None = Field(
        None, ge=1, description="Days that decoded audio is kept; empty: for ever."
    )
    keep_checkpoint_days: int | None = Field(
        30, ge=1, description="Days that results of stages are kept."
    )


class DatabaseConfig(BaseModel):
    """Where the database is: its URL, or the parts of a Postgres server's address."""

    model_config = ConfigDict(frozen=True)

    url: SecretStr = Field(
        SecretStr(""),
        description="postgresql://user:password@host/name or sqlite:///file; parts are then not "
        "used.",
    )
    host: str = Field(
        "",
        description="Postgres server's name, or the folder of its local socket.",
        examples=["postgres"],
    )
    port: int = Field(5432, ge=1, le=65535, description="Port of the server.")
    name: str = Field("trax", description="Name of the database.")
    user: str = Field("trax", description="Name of the user.")
    password: SecretStr = Field(SecretStr(""), description="Password of the user.")
    tls: str = Field(
        "prefer", description="libpq's sslmode: disable, prefer, require, verify-full."
    )


class OidcConfig(BaseModel):
    """The OpenID provider at which an organisation's people sign in, and who of them may."""

    model_config = ConfigDict(frozen=True)

    issuer: str = Field(
        "",
        description="Address of the OpenID provider; empty: none.",
        examples=["https://login.example/realms/newsroom"],
    )
    client_id: str = Field("", description="As what the provider knows this service.")
    client_secret: SecretStr = Field(SecretStr(""), description="If the provider asks for one.")
    scope: str = Field("openid profile email", description="What the provider is asked for.")
    groups_claim: str = Field(
        "groups",
        description="What the provider calls a user's groups; empty: they are kept here alone.",
    )
    admin_group: str = Field("", description="The group whose members administer; empty: none.")
    domains: str = Field(
        "",
        description="Domains of the addresses of those who are added when they first sign in, by "
        "commas; empty: who signs in was added before, by their address.",
    )


class ChatConfig(BaseModel):
    """Where a language model is, how it is asked, and what it costs."""

    model_config = ConfigDict(frozen=True)

    provider: str = Field(
        "",
        description="Kind of language model server: deepseek, openai, llama.cpp, ollama, vllm, "
        "other; its usual address, model and prices are known.",
    )
    base_url: str = Field(
        "",
        description="Address of the server; empty: its provider's.",
        examples=["http://127.0.0.1:11434/v1"],
    )
    model: str = Field(
        "",
        description="Which of its models; empty: its provider's usual one.",
        examples=["deepseek-flash"],
    )
    api_key: SecretStr = Field(
        SecretStr(""),
        description="Key for the server; with one, transcripts are sent there. Not needed by local "
        "ones.",
    )
    timeout: float = Field(60.0, gt=0, description="Seconds an answer may take.")
    retries: int = Field(4, ge=0, le=10, description="How often a failed call is made again.")
    concurrency: int = Field(4, ge=1, le=64, description="Calls at once.")
    price_prompt: float | None = Field(
        None, ge=0, description="US dollars a million tokens sent; empty: list price."
    )
    price_cached: float | None = Field(
        None, ge=0, description="US dollars a million tokens that the server had in its cache."
    )
    price_completion: float | None = Field(
        None, ge=0, description="US dollars a million tokens received."
    )
