"""The practice server's web pages: plain HTML that needs no script and says what it is."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from adwarden.practice import style
from adwarden.practice.people import Person, PracticeApp
from adwarden.practice.tokens import AccessToken, RequestToken
from adwarden.practice.wire import HTML, Response

BANNER = "Practice server: nothing here is X"
INVALID = "Whoa there! The request token for this page is invalid"


def page(
    title: str, body: str, *, status: int = 200, width: str = "narrow", targets: str = ""
) -> Response:
    """Return a whole page; ``title`` and ``body`` are HTML already."""
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title} · Practice server</title><style>{style.SHEET}</style></head>"
        f'<body><div class="banner" role="note">{BANNER}</div>'
        f'<main class="{width}">{body}</main></body></html>'
    )
    headers = {
        "content-security-policy": style.policy(targets),
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
    return Response(status, text.encode(), HTML, headers)


def sign_in(
    token: RequestToken, people: Sequence[Person], *, wanted: str = "", problem: str = ""
) -> Response:
    """Return the page that asks which practice user one wants to be."""
    hidden = _hidden(token)
    items = "".join(
        f"<li{' class=wanted' if person.screen_name == wanted else ''}>"
        f'<button type="submit" name="session[username_or_email]" '
        f'value="{escape(person.screen_name)}" data-handle="{escape(person.screen_name)}">'
        f'<span class="face" aria-hidden="true">{escape(_initials(person))}</span>'
        f"<b><bdi>{escape(person.name)}</bdi></b>"
        f"<small>@{escape(person.screen_name)} · {escape(person.hint)}</small></button></li>"
        for person in people
    )
    complaint = f'<p class="bad" role="alert" id="problem">{escape(problem)}</p>' if problem else ""
    marks = ' aria-invalid="true" aria-describedby="problem" autofocus' if problem else ""
    label = escape(token.app.label)
    return page(
        "Sign in",
        f"<h1>Sign in to authorize {label}</h1>"
        '<p class="dim">Choose who you are. Practice: any password would do, so none is asked for. '
        "Never type a real one here.</p>"
        f'<form method="post" action="/oauth/authorize" id="people_form">{hidden}'
        f'<ul class="people" aria-label="Practice users">{items}</ul></form>'
        f'<form method="post" action="/oauth/authorize" id="sign_in_form" class="handle">{hidden}'
        f'<label for="username_or_email">Or type a handle</label>{complaint}'
        '<input type="text" id="username_or_email" name="session[username_or_email]" '
        f'value="{escape(wanted)}" autocomplete="off" autocapitalize="none" '
        f'spellcheck="false" required{marks}>'
        '<button type="submit" id="sign_in">Sign in</button></form>',
        width="broad",
    )


def consent(token: RequestToken, person: Person, *, targets: str = "") -> Response:
    """Return the page that asks whether the app may act for the user."""
    app = token.app
    changes = token.level != "read" and app.access_level != "read"
    rights = ["See which ad accounts you reach, and your permissions on each"]
    rights += ["Change campaigns where your permissions allow it"] if changes else []
    listed = "".join(f"<li>{escape(right)}</li>" for right in rights)
    return page(
        "Authorize",
        f"<h1>Authorize {escape(app.label)} to access your account?</h1>"
        f'<p class="dim">Signed in as <b><bdi>{escape(person.name)}</bdi></b> '
        f"(@{escape(person.screen_name)}), a practice user.</p>"
        f'<div class="card"><p>This app will be able to:</p><ul class="rights">{listed}</ul>'
        '<form method="post" action="/oauth/authorize" id="oauth_form">'
        f"{_hidden(token)}<div class=stack>"
        '<button type="submit" class="main" id="allow" name="allow" value="true">Authorize app'
        "</button>"
        '<button type="submit" id="cancel" name="cancel" value="true">Cancel</button>'
        "</div></form></div>",
        targets=targets,
    )


def pin(app: PracticeApp, digits: str) -> Response:
    """Return the page with the PIN, in the structure of X's."""
    return page(
        "PIN",
        f"<h1>You granted access to {escape(app.label)}</h1>"
        '<div class="card" id="oauth_pin"><p><span id="code-desc">Next, return to the app and '
        "enter this PIN to complete the authorization process:</span> "
        f'<kbd aria-labelledby="code-desc"><code>{escape(digits)}</code></kbd></p></div>',
    )


def denied(app: PracticeApp) -> Response:
    """Return the page after a cancel without a callback."""
    label = escape(app.label)
    return page(
        "Not authorized",
        f'<h1 id="denied">You denied {label} access</h1>'
        f"<p>{label} received nothing. You can close this page, or start again from the app.</p>",
    )


def invalid() -> Response:
    """Return the page for a request token that is unknown, used or too old."""
    return page(
        "Invalid request token",
        f"<h1>{INVALID}.</h1>"
        "<p>It may have been used already, or it is too old. Return to the app that sent you "
        "here and try again.</p>",
        status=403,
    )


def home(
    url: str,
    apps: Sequence[PracticeApp],
    people: Sequence[Person],
    owned: Sequence[AccessToken] = (),
) -> Response:
    """Return the front page: what this is, the apps' keys, their owner's tokens, the users."""
    token_rows = "".join(
        f"<tr><td>{escape(one.app.label)}<br><small>@{escape(one.person.screen_name)}</small></td>"
        f"<td><code>{escape(one.token)}</code></td><td><code>{escape(one.secret)}</code></td></tr>"
        for one in owned
    )
    app_rows = "".join(
        f"<tr><td>{escape(app.label)}<br><small>{escape(app.note)}</small></td>"
        f"<td><code>{escape(app.key)}</code></td><td><code>{escape(app.secret)}</code></td></tr>"
        for app in apps
    )
    people_rows = "".join(
        f"<tr><td>@{escape(person.screen_name)}</td><td><bdi>{escape(person.name)}</bdi></td>"
        f"<td>{escape(person.hint)}</td></tr>"
        for person in people
    )
    return page(
        "Practice",
        "<h1>A stand-in for X, to practise with</h1>"
        f"<p>This server at <b>{escape(url)}</b> answers like X's authorization pages and the X "
        "Ads API. Everything in it is made up, and the keys below open nothing else.</p>"
        '<h2>X apps</h2><div class="scroll"><table><thead><tr><th scope="col">App</th>'
        '<th scope="col">API key</th><th scope="col">API key secret</th></tr></thead>'
        f"<tbody>{app_rows}</tbody></table></div>"
        "<h2>Access tokens of the apps’ owner</h2><p>On X the developer console shows them.</p>"
        '<div class="scroll"><table><thead><tr><th scope="col">App</th>'
        '<th scope="col">Access token</th><th scope="col">Access token secret</th></tr></thead>'
        f"<tbody>{token_rows}</tbody></table></div>"
        '<h2>Users</h2><div class="scroll"><table><thead><tr><th scope="col">Handle</th>'
        '<th scope="col">Name</th><th scope="col">What to see</th></tr></thead>'
        f"<tbody>{people_rows}</tbody></table></div>",
        width="wide",
    )


def _hidden(token: RequestToken) -> str:
    fields = {
        "authenticity_token": token.authenticity,
        "redirect_after_login": f"/oauth/authorize?oauth_token={token.token}",
        "oauth_token": token.token,
    }
    return "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in fields.items()
    )


def _initials(person: Person) -> str:
    return person.screen_name[:2].upper()
