"""Reads a signed request out of what somebody pasted: a header, a curl command, a logged request.

Never raises, whatever was pasted; what it cannot read is left out.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import field
from urllib.parse import parse_qsl, unquote, urlsplit

from adwarden.domain.data import dataclass
from adwarden.domain.requests import Pairs

LONGEST = 16_000
"""Characters that are looked at; a header has about 400."""

_MOST_FIELDS = 200

# Every quantifier below is bounded or starts at the edge of a word: no text takes long.
_CONTINUED = re.compile(r"[\\^`]\r?\n")
_CURL = re.compile(r"(?:\$\s+)?curl(?:\.exe)?\s")
_REQUEST_LINE = re.compile(
    r"^[^A-Za-z\n]{0,9}(GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS)[ \t]{1,9}(\S+)"
    r"(?:[ \t]{1,9}HTTP/[\d.]{1,3})?[ \t]{0,9}$",
    re.MULTILINE,
)
_HOST = re.compile(
    r"^[^A-Za-z\n]{0,9}host:[ \t]{0,9}(\S+)[ \t]{0,9}$", re.MULTILINE | re.IGNORECASE
)
_SCHEME = re.compile(r"\b(OAuth|Bearer|Basic)\b[\s\"':]{0,9}(?=\S)", re.IGNORECASE)
_LABELLED = re.compile(
    r"authorization[\"']?\s{0,9}[:=]\s{0,9}[\"']?\s{0,9}(OAuth|Bearer|Basic)\s", re.IGNORECASE
)
_NEXT_HEADER = re.compile(r"\n[ \t]{0,9}(?:[A-Za-z][A-Za-z-]{0,60}:\s|\n|>|<)")
_FIELD = re.compile(
    r"(?<![\w.%~-])([A-Za-z_][\w.%~-]{0,99})\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|([^\s,&\"']*))"
)

_WITH_VALUE = frozenset("AbCcDdEeFHKmoPQrTtUuwXxYyz")
_LONG_WITH_VALUE = frozenset(
    {
        "--header", "--request", "--url", "--data", "--data-raw", "--data-binary", "--data-ascii",
        "--data-urlencode", "--json", "--form", "--user", "--user-agent", "--output", "--cookie",
        "--referer", "--proxy", "--max-time", "--connect-timeout", "--cacert", "--cert", "--key",
        "--oauth2-bearer", "--write-out", "--retry", "--resolve",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a header; ``raw`` as it stands there, ``value`` with its encoding undone."""

    name: str
    raw: str = field(repr=False)
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pasted:
    """What could be read; ``method`` and ``url`` are empty where only a header was pasted.

    ``scheme`` is ``oauth``, ``bearer``, ``basic`` or empty. ``quoted`` and ``commas`` tell whether
    the header keeps to its form; ``in_query`` that the fields stand in the address.
    """

    scheme: str
    fields: tuple[Field, ...] = ()
    method: str = ""
    url: str = field(default="", repr=False)
    form: Pairs = field(default=(), repr=False)
    quoted: bool = True
    commas: bool = True
    in_query: bool = False

    @property
    def query(self) -> Pairs:
        """The parameters in the address that are not of the signature."""
        return tuple(one for one in _pairs(_query_of(self.url)) if not one[0].startswith("oauth_"))

    def values(self, name: str) -> tuple[Field, ...]:
        """Return the fields of this name; one, where all is well."""
        return tuple(one for one in self.fields if one.name == name)


def read(text: str) -> Pasted:
    """Return what a text says of a signed request."""
    # Half a surrogate pair can be pasted, but not be encoded.
    text = text[:LONGEST].encode("utf-8", "replace").decode().replace("\r\n", "\n").strip()
    if "\n" not in text:
        text = text.replace("\\r\\n", "\n")  # a trace, as Ruby writes it
    if _CURL.match(text):
        return _of_curl(_CONTINUED.sub(" ", text))
    method, url = _request_line(text)
    found = _LABELLED.search(text) or _SCHEME.search(text)
    if found is None:
        bare = text if "oauth_" in text.partition("=")[0] else ""
        if bare and not bare.lstrip().lower().startswith("http"):
            return _of_header("oauth", bare, method, url)
        address = url or text.strip().partition("\n")[0]
        return _in_address(Pasted("", (), method, address))
    rest = text[found.end() :]
    end = _NEXT_HEADER.search(rest)
    return _of_header(found[1].lower(), rest[: end.start()] if end else rest, method, url)


def _of_header(scheme: str, rest: str, method: str, url: str, form: Pairs = ()) -> Pasted:
    if scheme != "oauth":
        return Pasted(scheme, (), method, url, form)
    rest = rest.replace('\\"', '"')
    fields: list[Field] = []
    quoted = commas = True
    end = -1
    for found in _FIELD.finditer(rest):
        if len(fields) >= _MOST_FIELDS:
            break
        raw = next((value for value in found.groups()[1:] if value is not None), "")
        quoted = quoted and found[2] is not None
        commas = commas and (end < 0 or rest[end : found.start()].strip() == ",")
        fields.append(Field(unquote(found[1]), raw, unquote(raw)))
        end = found.end()
    return Pasted(scheme, tuple(fields), method, url, form, quoted, commas)


def _in_address(pasted: Pasted) -> Pasted:
    """Take the fields from the address where they stand there instead of in a header."""
    fields = tuple(
        Field(name, raw, unquote(raw))
        for name, _, raw in (part.partition("=") for part in _query_of(pasted.url).split("&"))
        if name.startswith("oauth_")
    )
    if not fields:
        return pasted
    return Pasted("oauth", fields, pasted.method, pasted.url, pasted.form, in_query=True)


def _of_curl(text: str) -> Pasted:
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()  # A quote that is left open: what can be read is read.
    method, url, header = "", "", ""
    data: list[str] = []
    as_query = False
    rest = iter(words[1:] if words[:1] != ["$"] else words[2:])
    for word in rest:
        name, value = _option(word)
        if name and not value and (name in _LONG_WITH_VALUE or name[1:] in _WITH_VALUE):
            value = next(rest, "")
        if name in ("-H", "--header"):
            header = value if value.lower().startswith("authorization") else header
        elif name in ("-X", "--request"):
            method = value.upper()
        elif name == "--url":
            url = value
        elif name == "-d" or name.startswith("--data"):
            data.append(value)
        elif name in ("-G", "--get"):
            as_query = True
        elif name in ("-I", "--head"):
            method = method or "HEAD"
        elif not name and not url:
            url = word
    body = "&".join(data)
    if as_query and body:
        url, body = f"{url}{'&' if '?' in url else '?'}{body}", ""
    method = (method or ("POST" if body else "GET"))[:20]
    found = _SCHEME.search(header)
    if found is None:
        return _in_address(Pasted("", (), method, url, _pairs(body)))
    return _of_header(found[1].lower(), header[found.end() :], method, url, _pairs(body))


def _option(word: str) -> tuple[str, str]:
    """Return a word's option and the value that stands in the same word; both may be empty."""
    if word.startswith("--"):
        name, _, value = word.partition("=")
        return name, value
    if word.startswith("-") and len(word) > 1:
        return word[:2], word[2:] if word[1] in _WITH_VALUE else ""
    return "", ""


def _request_line(text: str) -> tuple[str, str]:
    found = _REQUEST_LINE.search(text)
    if found is None:
        return "", ""
    method, target = found[1], found[2]
    host = _HOST.search(text)
    if target.startswith("/"):
        target = f"https://{host[1]}{target}" if host else ""
    return method, target


def _query_of(url: str) -> str:
    try:
        return urlsplit(url).query
    except ValueError:
        return ""


def _pairs(query: str) -> Pairs:
    try:
        return tuple(parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        return ()
