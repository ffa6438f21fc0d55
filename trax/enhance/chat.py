"""A language model behind OpenAI's chat protocol, through OpenAI's own client."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from trax.enhance.engine import Answer, Price, Question
from trax.enhance.providers import OTHER, PROVIDERS, Provider
from trax.errors import InvalidOption, NoAnswer
from trax.transcript import Usage

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.chat import ChatCompletion
    from openai.types.completion_usage import CompletionUsage

_PAYMENT_REQUIRED = 402
_NO_PROTOCOL = "the answer is not of the chat protocol"
_FINISHED_BADLY = {
    "length": "the answer was cut off",
    "content_filter": "the model refused to answer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatConfig:
    """Where a language model is and how it is asked.

    Attributes:
        api_key: empty for servers that want none.
        timeout: seconds an answer may take.
        retries: how often a call is made again that was turned away (429), failed (5xx) or was not
            answered: later each time, by chance a little sooner, and as the server says where it
                says when.
    """

    provider: Provider
    base_url: str
    model: str
    price: Price
    api_key: str = field(default="", repr=False)
    timeout: float = 60.0
    retries: int = 4
    concurrency: int = 4


def chat_config(
    provider: str,
    base_url: str = "",
    model: str = "",
    api_key: str = "",
    prices: tuple[float | None, float | None, float | None] = (None, None, None),
) -> ChatConfig:
    """How to ask a provider that is known by name, or whatever is at *base_url*; what is empty is
    the provider's own.

    Args:
        provider: of `PROVIDERS`; empty for a server that nothing is known of.
        base_url: where it is.
        model: which of its models.
        api_key: its key.
        prices: US dollars for a million tokens sent, cached, received. At another address than the
            provider's own nothing is known of prices: they are 0 unless given.

    Raises:
        InvalidOption: there is no such provider, no address, or no model.
    """
    if provider and provider not in PROVIDERS:
        raise InvalidOption(
            f"there is no language model provider {provider!r}; there are {', '.join(PROVIDERS)}"
        )
    chosen = PROVIDERS.get(provider, OTHER)
    where, which = base_url or chosen.base_url, model or chosen.model
    if not where:
        raise InvalidOption(
            "whose language model key is it? Set TRAX_LLM_PROVIDER or TRAX_LLM_BASE_URL"
        )
    if not _is_address(where):
        raise InvalidOption("the language model's address is no http:// or https:// address")
    if not which:
        raise InvalidOption(f"say which model of {provider} is meant: TRAX_LLM_MODEL")
    usual = chosen.price if where == chosen.base_url and which == chosen.model else Price()
    own = (usual.prompt, usual.cached, usual.completion)
    price = Price(
        *(known if given is None else given for given, known in zip(prices, own, strict=True))
    )
    return ChatConfig(provider=chosen, base_url=where, model=which, price=price, api_key=api_key)


def _is_address(text: str) -> bool:
    try:
        found = urlsplit(text)
        return found.scheme in ("http", "https") and bool(found.hostname) and found.port != 0
    except ValueError:
        return False


class ChatModel:
    """A model on a server. The client is made with the first question."""

    def __init__(self, config: ChatConfig) -> None:
        self._config = config

    @property
    def fingerprint(self) -> str:
        """Identifies model and server, without secrets that the address may hold."""
        return f"{self._config.model}@{self.host}"

    @property
    def host(self) -> str:
        """The server's host and port."""
        address = urlsplit(self._config.base_url)
        host = address.hostname or self._config.base_url
        return f"{host}:{address.port}" if address.port else host

    @property
    def price(self) -> Price:
        """The price of its tokens."""
        return self._config.price

    @property
    def concurrency(self) -> int:
        """The most questions that may be under way at once."""
        return self._config.concurrency

    @property
    def context_tokens(self) -> int:
        """The most tokens of one question."""
        return self._config.provider.context_tokens

    @cached_property
    def _client(self) -> "OpenAI":
        from openai import OpenAI

        config = self._config
        return OpenAI(
            base_url=config.base_url,
            api_key=config.api_key or "none",
            timeout=config.timeout,
            max_retries=config.retries,
        )

    def ask(self, question: Question) -> Answer:
        """Answer *question*.

        Raises:
            NoAnswer: the server did not answer, or not in the chat protocol.
        """
        import openai

        request = self._request(question)
        try:
            completion = self._client.chat.completions.create(**request)
            return _answer(completion)
        except openai.APIError as error:
            raise self._no_answer(error) from error
        # OpenAI's client does not check the form of an answer.
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            raise NoAnswer(_NO_PROTOCOL) from error

    def _request(self, question: Question) -> dict[str, Any]:
        provider = self._config.provider
        return {
            "model": self._config.model,
            "messages": [
                {"role": "system", "content": question.system},
                {"role": "user", "content": question.user},
            ],
            "response_format": self._response_format(question),
            provider.limit: question.most_tokens,
            **provider.parameters,
        }

    def _response_format(self, question: Question) -> dict[str, Any]:
        if self._config.provider.structure == "json_object":
            return {"type": "json_object"}
        schema = {"name": question.task, "strict": True, "schema": question.schema}
        return {"type": "json_schema", "json_schema": schema}

    def _no_answer(self, error: Exception) -> NoAnswer:
        """The reason for people, without the server's own words: they may quote key or text."""
        import openai

        if isinstance(error, openai.APITimeoutError):
            return NoAnswer(f"{self.host} took longer than {self._config.timeout:g} s")
        if isinstance(error, openai.APIConnectionError):
            return NoAnswer(f"{self.host} does not answer", lasting=True)
        if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
            return NoAnswer(f"{self.host} does not accept the key", lasting=True)
        if isinstance(error, openai.NotFoundError):
            return NoAnswer(f"{self.host} has no model {self._config.model!r}", lasting=True)
        if isinstance(error, openai.RateLimitError):
            return NoAnswer(f"{self.host} turns requests away (429)")
        if isinstance(error, openai.APIStatusError):
            paid = error.status_code == _PAYMENT_REQUIRED
            return NoAnswer(f"{self.host} failed ({error.status_code})", lasting=paid)
        return NoAnswer(_NO_PROTOCOL)


def _answer(completion: "ChatCompletion") -> Answer:
    choice = completion.choices[0]
    text = choice.message.content or ""
    problem = _FINISHED_BADLY.get(choice.finish_reason, "")
    if getattr(choice.message, "refusal", None):
        problem = _FINISHED_BADLY["content_filter"]
    if not problem and not text.strip():
        problem = "the answer is empty"
    return Answer(text, _usage(completion.usage), problem)


def _usage(reported: "CompletionUsage | None") -> Usage:
    """Tokens of a call; DeepSeek and OpenAI report cached ones in different fields."""
    if reported is None:
        return Usage(requests=1)
    sent = reported.prompt_tokens or 0
    cached = getattr(reported, "prompt_cache_hit_tokens", None)
    if cached is None:
        cached = getattr(reported.prompt_tokens_details, "cached_tokens", None)
    return Usage(
        requests=1,
        prompt_tokens=sent,
        cached_tokens=min(cached or 0, sent),
        completion_tokens=reported.completion_tokens or 0,
    )
