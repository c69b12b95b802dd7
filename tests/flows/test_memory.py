from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytestmark = [pytest.mark.flow, pytest.mark.keychain]


class _LikeX(BaseHTTPRequestHandler):
    """Gives a new token whatever it is asked."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        token = f"1234567-{secrets.token_hex(20)}"
        body = (
            f"oauth_token={token}&oauth_token_secret={secrets.token_hex(22)}"
            "&user_id=1234567&screen_name=memory"
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def like_x() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _LikeX)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_after_use_no_secret_is_alive_outside_of_secret(like_x: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.flows.memory_journey", like_x],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    wanted, found, inside, looked, planted = json.loads(done.stdout)
    assert found == []
    assert wanted == 6
    assert looked > 50_000
    assert inside >= 1  # what is still in use is in its Secret
    assert planted >= 1  # a text kept on purpose is found
