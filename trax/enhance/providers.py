"""Servers that are known by name: data only. Prices are list prices of November 2026, in US
dollars.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from trax.enhance.engine import Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A server that speaks OpenAI's chat protocol.

    Attributes:
        base_url: where it is; local servers' own defaults.
        model: which of its models; empty where people have to say.
        structure: how the form of an answer is requested: by schema, or only as JSON.
        limit: the parameter that limits an answer's length.
        parameters: of the request, besides these.
        context_tokens: how much text it takes at once.
    """

    base_url: str
    model: str
    price: Price = field(default_factory=Price)
    structure: Literal["json_schema", "json_object"] = "json_schema"
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    context_tokens: int = 8_000


_LOCAL: Mapping[str, Any] = {"temperature": 0}

PROVIDERS = {
    # https://api-docs.deepseek.com/quick_start/pricing: at peak hours; half of it at all others. It
    # thinks unless told not to, which would cost more than the answers.
    "deepseek": Provider(
        base_url="https://api.deepseek.com",
        model="deepseek-flash",
        price=Price(0.30, 0.006, 1.20),
        structure="json_object",
        parameters={"temperature": 0, "extra_body": {"thinking": {"type": "disabled"}}},
        context_tokens=200_000,
    ),
    "openai": Provider(
        base_url="https://api.openai.com/v1",
        model="gpt-5.4-mini",
        price=Price(0.75, 0.075, 4.50),
        limit="max_completion_tokens",
        parameters={"reasoning_effort": "none"},
        context_tokens=100_000,
    ),
    "llama.cpp": Provider(base_url="http://127.0.0.1:8080/v1", model="default", parameters=_LOCAL),
    "ollama": Provider(base_url="http://127.0.0.1:11434/v1", model="", parameters=_LOCAL),
    "vllm": Provider(base_url="http://127.0.0.1:8000/v1", model="", parameters=_LOCAL),
}
"""Every provider by name."""

OTHER = Provider(base_url="", model="default", parameters=_LOCAL)
"""A server that nothing is known of but its address."""
