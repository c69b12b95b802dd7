"""A request made by hand: what is wanted, what came back, what there is to say of its signature.

What is kept of a signed request hides itself as any ``Secret`` does; ``Masked`` is for looking at.
"""

from __future__ import annotations

from dataclasses import field
from enum import Enum

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import RateWindow
from adwarden.domain.requests import API_VERSIONS, Pairs
from adwarden.domain.secret import Secret


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request that may be sent; ``path`` has its ids, and neither slash nor version in front.

    ``version`` is empty for the Ads API's in the settings. ``endpoint`` names it for the rate
    limits, such as ``GET campaigns``; ``account_id`` is empty where the path has none.
    """

    path: str
    endpoint: str
    account_id: str = ""
    parameters: Pairs = ()
    method: str = "GET"
    version: str = ""

    @property
    def other_api(self) -> bool:
        """Whether it goes to X's other API, on another host."""
        return self.version in API_VERSIONS


@dataclass(frozen=True, slots=True)
class Masked:
    """The parts of a signature with key, token, signature and secrets masked."""

    parameter_string: str
    base_string: str
    signing_key: str
    header: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A signed request, and what its signature was made of (RFC 5849, section 3.4).

    ``header`` is the value of ``Authorization``, ``url`` has the query; ``timestamp`` is in Unix
    seconds.
    """

    method: str
    url: str
    parameter_string: Secret
    base_string: Secret
    header: Secret
    timestamp: int
    masked: Masked


@dataclass(frozen=True, slots=True)
class Tried:
    """What came back, whatever its status; ``problem`` is what a refusal means.

    Names of ``headers`` are in lower case. ``cut`` tells that there was more than ``body`` has.
    ``token`` and ``account`` are the rate limits as X told them, by the clock of this computer;
    ``pause`` is what ``Retry-After`` asks for, in seconds.
    """

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    cut: bool
    milliseconds: float
    token: RateWindow | None
    account: RateWindow | None
    pause: float
    problem: AdwardenError | None
    explained: Explained

    def header(self, name: str) -> str:
        """Return a header by its name in lower case; empty where there is none."""
        return next((value for key, value in self.headers if key == name), "")


class Part(Enum):
    """What a difference between two signed requests is about, with the words for it."""

    PASTED = "What was pasted"
    HTTP_METHOD = "Method"
    URL = "Address"
    PARAMETERS = "Parameters"
    CONSUMER_KEY = "Consumer key"
    TOKEN = "Token"  # noqa: S105 - a word of the window
    TIMESTAMP = "Timestamp"
    NONCE = "Nonce"
    SIGNATURE_METHOD = "Signature method"
    VERSION = "Version"
    MISSING = "Missing field"
    EXTRA = "Extra field"
    DUPLICATE = "Duplicate field"
    ENCODING = "Encoding"
    ORDER = "Order"
    SIGNATURE = "Signature"
    SECRET = "Secret"  # noqa: S105 - a word of the window


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, in words without any value of either; ``remedy`` may be empty.

    ``harmless`` ones are shown so that nobody takes them for the cause.
    """

    part: Part
    words: str
    remedy: str = ""
    harmless: bool = False


class Verdict(Enum):
    """What a comparison comes to."""

    UNREADABLE = "unreadable"
    RIGHT = "right"
    EXPLAINED = "explained"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a foreign header differs, what matters first; ``title`` and ``message`` sum it up."""

    verdict: Verdict
    title: str
    message: str
    differences: tuple[Difference, ...]

    @property
    def text(self) -> str:
        """Everything in words, for a person who copies it."""
        lines = [f"{self.title}. {self.message}".strip()]
        lines += [
            f"- {one.part.value}: {' '.join(filter(None, (one.words, one.remedy)))}"
            for one in self.differences
        ]
        return "\n".join(lines)
