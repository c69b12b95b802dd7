"""The one style sheet of the practice pages; it is allowed by its hash, so pages need no file."""

from __future__ import annotations

import base64
import hashlib

SHEET = """
:root{color-scheme:light dark;--window:#f6f7f9;--pane:#fff;--line:#e2e5ea;--text:#1b1f27;
--dim:#5b6472;--accent:#3552d6;--tint:#e9edff;--warn:#8a5a00;--warn-bg:#fdf3dc;--bad:#b42318;
--hover:#f1f3f7}
@media(prefers-color-scheme:dark){:root{--window:#16181d;--pane:#1d2026;--line:#2c313a;
--text:#e6e9ef;--dim:#9aa4b2;--accent:#8ea2ff;--tint:#262d4d;--warn:#f0c063;--warn-bg:#2c2616;
--bad:#ff8a80;--hover:#252a32}}
*{box-sizing:border-box}
body{margin:0;background:var(--window);color:var(--text);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
.banner{background:var(--warn-bg);color:var(--warn);border-bottom:1px solid var(--line);
padding:8px 16px;text-align:center;font-size:13px;font-weight:600}
main{max-width:440px;margin:24px auto;padding:0 16px 24px}
.wide{max-width:1040px}
.broad{max-width:632px}
h1+.card{margin-top:16px}
h1{font-size:24px;line-height:1.25;margin:0 0 8px;text-wrap:balance}
h2{font-size:14px;margin:24px 0 8px}
p{margin:0 0 16px}
.dim,small{color:var(--dim);font-size:13px}
.card{background:var(--pane);border:1px solid var(--line);border-radius:10px;padding:16px}
button,.button{font:inherit;font-weight:600;border-radius:8px;border:1px solid var(--line);
background:var(--pane);color:var(--text);padding:10px 16px;width:100%;cursor:pointer}
button:hover{background:var(--hover)}
button.main{background:#3552d6;border-color:#3552d6;color:#fff}
button.main:hover{background:#2a43b5}
button:focus-visible,input:focus-visible,a:focus-visible{outline:2px solid var(--accent);
outline-offset:2px}
.people{list-style:none;margin:0 0 16px;padding:0;display:grid;gap:8px;
grid-template-columns:repeat(auto-fill,minmax(min(280px,100%),1fr))}
.people button{height:100%;text-align:start;font-weight:400;padding:6px 12px;
display:grid;grid-template-columns:32px 1fr;gap:0 12px;align-items:center;align-content:center}
.people .wanted button{background:var(--tint);border-color:var(--accent)}
.handle{display:grid;grid-template-columns:1fr auto;gap:0 8px;align-items:start}
.handle label,.handle .bad{grid-column:1/-1}
.face{grid-row:span 2;width:32px;height:32px;border-radius:50%;background:var(--tint);
color:var(--accent);display:grid;place-items:center;font-size:12px;font-weight:700}
.people b{font-weight:600;line-height:1.3}
.people small{line-height:1.35}
label{display:block;font-size:13px;font-weight:600;margin:0 0 4px}
input[type=text]{font:inherit;width:100%;padding:9px 12px;border:1px solid var(--line);
border-radius:8px;background:var(--pane);color:var(--text);margin:0 0 8px}
.bad{color:var(--bad);font-size:13px;margin:0 0 8px}
.rights{margin:0 0 16px;padding:0 0 0 20px}
.rights li{margin:0 0 4px}
.stack{display:grid;gap:8px}
#oauth_pin{text-align:center}
#oauth_pin p{margin:0}
kbd{display:block;margin:16px 0 0}
kbd code{font:600 40px/1.2 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
letter-spacing:.14em;padding-left:.14em;user-select:all}
table{border-collapse:collapse;width:100%;font-size:13px}
.scroll{overflow-x:auto}
th,td{text-align:start;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);
vertical-align:top}
td:nth-child(2){white-space:nowrap}
td code{font:12px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;
overflow-wrap:anywhere;user-select:all}
"""

_HASH = base64.b64encode(hashlib.sha256(SHEET.encode()).digest()).decode()


def policy(form_targets: str = "") -> str:
    """Return the content security policy; ``form_targets`` are origins a form may end at."""
    return (
        "default-src 'none'; connect-src 'self'; img-src 'none'; media-src 'none'; "
        f"object-src 'none'; script-src 'none'; style-src 'sha256-{_HASH}'; "
        "base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self'{' ' + form_targets if form_targets else ''}"
    )
