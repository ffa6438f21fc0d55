"""A server that speaks OpenAI's chat protocol as a block."""

from typing import TYPE_CHECKING

from prefect.blocks.core import Block
from pydantic import Field, SecretStr

if TYPE_CHECKING:
    from openai import OpenAI


class LanguageModel(Block):
    """A language model behind OpenAI's chat protocol: DeepSeek, OpenAI, llama.cpp, Ollama, vLLM.

    Example:
        ```python
        from blocks import LanguageModel

        client = LanguageModel.load("deepseek").client()
        ```
    """

    _block_type_name = "Trax Language Model"
    _block_type_slug = "trax-language-model"
    _description = "A language model for Trax behind OpenAI's chat protocol."

    base_url: str = Field(
        description="Where the server is.", examples=["https://api.deepseek.com/v1", "http://127.0.0.1:11434/v1"]
    )
    model: str = Field(description="Which of its models.", examples=["deepseek-chat"])
    api_key: SecretStr = Field(SecretStr(""), description="Key for the server; local ones want none.")
    timeout: float = Field(60.0, gt=0, description="Seconds an answer may take.")
    retries: int = Field(3, ge=0, le=10, description="How often a failed call is made again.")

    def client(self) -> "OpenAI":
        """A client for the server."""
        from openai import OpenAI

        key = self.api_key.get_secret_value() or "none"
        return OpenAI(base_url=self.base_url, api_key=key, timeout=self.timeout, max_retries=self.retries)
