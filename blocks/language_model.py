"""A server that speaks OpenAI's chat protocol as a block."""

from dataclasses import replace
from typing import Literal

from prefect.blocks.core import Block
from pydantic import Field, SecretStr

from trax.enhance.chat import ChatModel, chat_config


class LanguageModel(Block):
    """A language model behind OpenAI's chat protocol: DeepSeek, OpenAI, llama.cpp, Ollama, vLLM.

    Example:
        ```python
        from blocks import LanguageModel

        model = LanguageModel.load("deepseek").chat_model()
        ```
    """

    _block_type_name = "Trax Language Model"
    _block_type_slug = "trax-language-model"
    _description = "A language model for Trax behind OpenAI's chat protocol."

    provider: Literal["deepseek", "openai", "llama.cpp", "ollama", "vllm", "other"] = Field(
        "deepseek",
        description="What kind of server it is; its own address, model and prices are known.",
    )
    base_url: str = Field(
        "",
        description="Where the server is, if not where its kind usually is.",
        examples=["http://127.0.0.1:11434/v1"],
    )
    model: str = Field(
        "", description="Which of its models, if not the usual one.", examples=["deepseek-flash"]
    )
    api_key: SecretStr = Field(
        SecretStr(""), description="Key for the server; local ones want none."
    )
    timeout: float = Field(60.0, gt=0, description="Seconds an answer may take.")
    retries: int = Field(4, ge=0, le=10, description="How often a failed call is made again.")
    concurrency: int = Field(4, ge=1, le=64, description="Calls at once.")
    price_prompt: float | None = Field(None, ge=0, description="US dollars a million tokens sent.")
    price_cached: float | None = Field(
        None, ge=0, description="The same where the server had them in its cache."
    )
    price_completion: float | None = Field(
        None, ge=0, description="US dollars a million tokens received."
    )

    def chat_model(self) -> ChatModel:
        """The language model, as Trax asks it."""
        prices = (self.price_prompt, self.price_cached, self.price_completion)
        known = "" if self.provider == "other" else self.provider
        config = chat_config(
            known, self.base_url, self.model, self.api_key.get_secret_value(), prices
        )
        return ChatModel(
            replace(
                config, timeout=self.timeout, retries=self.retries, concurrency=self.concurrency
            )
        )
