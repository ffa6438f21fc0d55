"""A language model behind OpenAI's chat protocol, through OpenAI's own client."""

from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from trax.enhance.engine import Answer, Price, Question
from trax.enhance.providers import OTHER, PROVIDERS, Provider
from trax.errors import InvalidOption, NoAnswer
from trax.proxies import is_loopback
from trax.servers import ChatConfig
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


def _provider(name: str) -> Provider:
    if name in ("", "other"):
        return OTHER
    if name not in PROVIDERS:
        raise InvalidOption(
            f"there is no language model provider {name!r}; there are {', '.join(PROVIDERS)}"
        )
    return PROVIDERS[name]


def _is_address(text: str) -> bool:
    try:
        found = urlsplit(text)
        return found.scheme in ("http", "https") and bool(found.hostname) and found.port != 0
    except ValueError:
        return False


class ChatModel:
    """A model on a server. The client is made with the first question.

    Empty fields of *config* are the provider's own. At another address than the provider's, or
    with another model, prices are 0 unless they are given.

    A call that was turned away (429), failed (5xx) or was not answered is made again, each time
    later with some jitter, and at the time that the server names if it names one.

    Raises:
        InvalidOption: the provider is unknown, or there is no address or no model.
    """

    def __init__(self, config: ChatConfig) -> None:
        self._config = config
        self._provider = _provider(config.provider)
        self.base_url = config.base_url or self._provider.base_url
        self.model = config.model or self._provider.model
        self._check()
        self.price = self._price()

    def _check(self) -> None:
        if not self.base_url:
            raise InvalidOption("whose language model key is it? Name a provider or an address")
        if not _is_address(self.base_url):
            raise InvalidOption("the language model's address is no http:// or https:// address")
        if not self.model:
            raise InvalidOption(f"{self._config.provider} has no usual model: name one")

    def _price(self) -> Price:
        config, usual = self._config, Price()
        if (self.base_url, self.model) == (self._provider.base_url, self._provider.model):
            usual = self._provider.price
        return Price(
            usual.prompt if config.price_prompt is None else config.price_prompt,
            usual.cached if config.price_cached is None else config.price_cached,
            usual.completion if config.price_completion is None else config.price_completion,
        )

    @property
    def fingerprint(self) -> str:
        """Identifies model and server, without secrets that the address may hold."""
        return f"{self.model}@{self.host}"

    @property
    def host(self) -> str:
        """The server's host and port."""
        address = urlsplit(self.base_url)
        host = address.hostname or self.base_url
        return f"{host}:{address.port}" if address.port else host

    @property
    def concurrency(self) -> int:
        """The most questions that may be under way at once."""
        return self._config.concurrency

    @property
    def context_tokens(self) -> int:
        """The most tokens of one question."""
        return self._provider.context_tokens

    @cached_property
    def _client(self) -> "OpenAI":
        from openai import DefaultHttpxClient, OpenAI

        config = self._config
        local = DefaultHttpxClient(trust_env=False) if is_loopback(self.base_url) else None
        return OpenAI(
            base_url=self.base_url,
            api_key=config.api_key.get_secret_value() or "none",
            timeout=config.timeout,
            max_retries=config.retries,
            http_client=local,
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
        provider = self._provider
        return {
            "model": self.model,
            "messages": [
                {"role": "system", "content": question.system},
                {"role": "user", "content": question.user},
            ],
            "response_format": self._response_format(question),
            provider.limit: question.most_tokens,
            **provider.parameters,
        }

    def _response_format(self, question: Question) -> dict[str, Any]:
        if self._provider.structure == "json_object":
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
            return NoAnswer(f"{self.host} has no model {self.model!r}", lasting=True)
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
