"""A server that speaks OpenAI's chat protocol as a block."""

from typing import Literal

from prefect.blocks.core import Block
from pydantic import ConfigDict, Field

from trax.enhance.chat import ChatModel
from trax.servers import ChatConfig


class LanguageModel(ChatConfig, Block):
    """A language model behind OpenAI's chat protocol: DeepSeek, OpenAI, llama.cpp, Ollama, vLLM.

    Example:
        ```python
        from blocks import LanguageModel

        model = LanguageModel.load("deepseek").chat_model()
        ```
    """

    model_config = ConfigDict(frozen=False)

    _block_type_name = "Trax Language Model"
    _block_type_slug = "trax-language-model"
    _description = "A language model for Trax behind OpenAI's chat protocol."

    provider: Literal["deepseek", "openai", "llama.cpp", "ollama", "vllm", "other"] = Field(
        "deepseek",
        description="Kind of server; its usual address, model and prices are known.",
    )

    def chat_model(self) -> ChatModel:
        """The language model, as Trax asks it."""
        return ChatModel(self)
