"""Says how a signed request from elsewhere differs from ours, and which mistake made its signature.

What it says never has a value of either request: what is pasted here may be anything.
"""

from __future__ import annotations

from adwarden.domain.tried import Comparison, Difference, Explained, Part, Verdict
from adwarden.providers.x import pasted_request
from adwarden.providers.x.pasted_request import Field, Pasted
from adwarden.providers.x.signature import Keys
from adwarden.providers.x.signature_fields import CLOCK_SECONDS, differences_of, without_query
from adwarden.providers.x.signature_mistakes import HASHES, Mistake, Request, explain_mistake
from adwarden.providers.x.signature_readings import Reading, readings, shape_of
from adwarden.providers.x.signature_target import target_differences

_UNREADABLE = {
    "bearer": (
        "That is a bearer token, and no signature",
        "The Ads API wants requests that are signed with OAuth 1.0a.",
    ),
    "basic": (
        "That is a name with a password, and no signature",
        "The Ads API wants requests that are signed with OAuth 1.0a.",
    ),
    "": (
        "There is no signature in what was pasted",
        "Paste the value of the header Authorization, which begins with OAuth, or a whole curl "
        "command.",
    ),
}


def compare(keys: Keys, ours: Explained, text: str) -> Comparison:
    """Return how a pasted header, or command, differs from ``ours``; never raises."""
    if len(text) > pasted_request.LONGEST:
        return _unreadable(
            "What was pasted is too long",
            f"No request has more than {pasted_request.LONGEST:,} characters.",
        )
    theirs = pasted_request.read(text)
    if not theirs.fields:
        return _unreadable(*_UNREADABLE.get(theirs.scheme, _UNREADABLE[""]))
    found = [*differences_of(keys, ours, theirs), *target_differences(ours, theirs)]
    found += shape_of(theirs)
    mistakes = _mistakes(keys, ours, theirs)
    if mistakes is not None:
        found += [
            Difference(one.part, f"This signature comes out {one.words}.", one.remedy)
            for one in mistakes
        ]
    ordered = sorted(found, key=lambda one: one.harmless)
    return _summed_up(tuple(dict.fromkeys(ordered)), mistakes)


def _mistakes(keys: Keys, ours: Explained, theirs: Pasted) -> tuple[Mistake, ...] | None:
    """Return which mistakes give the pasted signature; ``None`` where none is known to."""
    pasted = theirs.values("oauth_signature")
    if not pasted:
        return None
    candidates = readings(pasted[0])
    oauth = tuple(
        (one.name, one.value)
        for one in theirs.fields
        if one.name not in ("oauth_signature", "realm")
    )
    realm = next((one.value for one in theirs.values("realm")), "")
    url, query = without_query(ours.url)
    requests = [Request(ours.method, url, query, oauth, realm)]
    if theirs.url:
        url, query = without_query(theirs.url)
        query = tuple(one for one in query if not one[0].startswith("oauth_"))
        own = Request(theirs.method or ours.method, url, query + theirs.form, oauth, realm)
        # What it was sent to comes first: another request is no mistake of the signature.
        requests.insert(0, own)
    best: tuple[Mistake, ...] | None = None
    for request in requests:
        found = _explained(request, keys, candidates, pasted[0])
        if found is not None and (best is None or len(found) < len(best)):
            best = found
    return best


def _explained(
    request: Request, keys: Keys, candidates: tuple[Reading, ...], pasted: Field
) -> tuple[Mistake, ...] | None:
    texts = {one.text: one.mistake for one in reversed(candidates)}
    hit: list[str] = []

    def fits(signature: str) -> bool:
        if signature in texts:
            hit.append(signature)
            return True
        return False

    names = {HASHES.get(len(text), "") for text in texts} - {""}
    declared = dict(request.oauth).get("oauth_signature_method", "")
    for name in sorted(names | ({"PLAINTEXT"} if declared == "PLAINTEXT" else set())):
        found = explain_mistake(request, keys, fits, name)
        if found is not None:
            mistake = texts[hit[-1]]
            return (*found, mistake) if mistake is not None else found
    return None


def _summed_up(
    differences: tuple[Difference, ...], mistakes: tuple[Mistake, ...] | None
) -> Comparison:
    grave = [one for one in differences if not one.harmless]
    if mistakes:
        return Comparison(
            Verdict.EXPLAINED,
            "The signature is wrong, and this is why",
            f"Exactly this signature comes out {' and '.join(one.words for one in mistakes)}.",
            differences,
        )
    if mistakes is not None and not grave:
        return Comparison(
            Verdict.RIGHT,
            "The signature is right",
            "It is signed with the secrets of this connection. If X refused it nevertheless, its "
            f"time was off by more than {CLOCK_SECONDS // 60} minutes, or its nonce was used "
            "before.",
            differences,
        )
    parts = {one.part for one in grave}
    if mistakes is not None:
        return Comparison(
            Verdict.EXPLAINED,
            f"The signature fits, but {_going_on(grave[0].words)}",
            "It is signed with the secrets of this connection"
            + ("; all that differs is listed." if grave[1:] else "."),
            differences,
        )
    if Part.CONSUMER_KEY in parts or Part.TOKEN in parts:
        return Comparison(
            Verdict.EXPLAINED,
            "It is signed for another app or user",
            "Its signature cannot be judged with the secrets of this connection: other keys have "
            "other secrets.",
            differences,
        )
    if grave:
        return Comparison(
            Verdict.UNEXPLAINED,
            "The header differs",
            "What differs is listed. The signature is none that this connection’s secrets give "
            "for this request, either.",
            differences,
        )
    unknown = Difference(
        Part.SIGNATURE,
        "All fields agree, and the signature alone is another one.",
        "One of the two secrets, the method, the address or the parameters that were signed must "
        "be another. None of the usual mistakes gives this signature. What cannot be tried here is "
        "a signing key without its &: it is consumer secret, &, token secret, and the & stays "
        "where one of them is empty.",
    )
    return Comparison(
        Verdict.UNEXPLAINED,
        "The signature alone is wrong",
        "Secret, method, address or parameters differ from those of this request.",
        (unknown, *differences),
    )


def _going_on(words: str) -> str:
    """Return a sentence as the end of another that is a title."""
    return f"{words[0].lower()}{words[1:].removesuffix('.')}"


def _unreadable(title: str, message: str) -> Comparison:
    return Comparison(
        Verdict.UNREADABLE, title, message, (Difference(Part.PASTED, f"{title}.", message),)
    )
