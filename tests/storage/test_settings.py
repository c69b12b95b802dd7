from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.errors import InputError
from adwarden.storage import settings as known
from adwarden.storage.addresses import checked_address
from adwarden.storage.paths import DataFolder
from adwarden.storage.settings import Kind, Setting, Settings


def load(folder: Path, **environ: str) -> tuple[Settings, list[str]]:
    settings, problems = Settings.load(DataFolder(folder), environ)
    return settings, [problem.title for problem in problems]


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "settings.ini"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_without_a_file_all_is_at_its_default(tmp_path: Path) -> None:
    settings, problems = load(tmp_path)
    assert problems == []
    assert all(settings.get(setting) == setting.default for setting in known.TABLE)


def test_keys_are_unique_and_defaults_are_valid() -> None:
    assert len({(s.group, s.key) for s in known.TABLE}) == len(known.TABLE)
    for setting in known.TABLE:
        assert setting.check(setting.default) == setting.default
        assert setting.label
        assert setting.help


def test_a_change_is_told_saved_and_read_again(tmp_path: Path) -> None:
    settings, _ = load(tmp_path)
    heard: list[Setting[Any]] = []
    stop = settings.subscribe(heard.append)
    settings.set(known.THEME, "dark")
    settings.set(known.THEME, "dark")
    settings.set(known.TIMEOUT_READ, 45)
    stop()
    settings.set(known.DENSITY, "compact")
    settings.save()
    assert heard == [known.THEME, known.TIMEOUT_READ]
    again, problems = load(tmp_path)
    assert problems == []
    assert again.get(known.THEME) == "dark"
    assert again.get(known.TIMEOUT_READ) == 45
    assert again.get(known.DENSITY) == "compact"


def test_a_value_that_cannot_be_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    settings, _ = load(tmp_path)
    wrong: tuple[tuple[Setting[Any], Any], ...] = (
        (known.THEME, "sepia"),
        (known.TIMEOUT_READ, 0),
        (known.TIMEOUT_READ, True),
        (known.API_URL, "http://example.com"),
        (known.THEME, 3),
    )
    for setting, value in wrong:
        with pytest.raises(InputError):
            settings.set(setting, value)
        assert settings.get(setting) == setting.default


def test_each_damaged_value_falls_back_alone(tmp_path: Path) -> None:
    write(
        tmp_path,
        "[appearance]\ntheme=sepia\ndensity=compact\n[server]\ntimeout_read=many\n"
        "timeout_connect=9\n",
    )
    settings, problems = load(tmp_path)
    damaged = ("Theme", "Give up waiting after")
    assert problems == [f"The setting “{label}” was damaged" for label in damaged]
    assert settings.get(known.THEME) == "system"
    assert settings.get(known.TIMEOUT_READ) == 30
    assert settings.get(known.DENSITY) == "compact"
    assert settings.get(known.TIMEOUT_CONNECT) == 9


def test_what_is_not_known_or_damaged_survives_a_save(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "[appearance]\ntheme=sepia\nCorners = round % 3\n[future]\nKey=a;b#c\n"
        "[DEFAULT]\nx=1\n[appearance]\ndensity=compact\n",
    )
    settings, _ = load(tmp_path)
    settings.set(known.BROWSER, "system")
    settings.save()
    text = path.read_text()
    for line in ("theme=sepia", "Corners=round % 3", "Key=a;b#c", "[DEFAULT]", "x=1",
                 "density=compact", "browser=system"):  # fmt: skip
        assert line in text.splitlines()
    assert text.count("x=1") == 1


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x00garbage", b"no section = 1\n", b"[server\nx", b"[a]\njust words\n",
     b"\0" * 50, b"[a]\nk=" + b"v" * 1_100_000],
)  # fmt: skip
def test_an_unreadable_file_is_moved_aside_and_said(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, content)
    settings, problems = load(tmp_path)
    assert problems == ["The settings could not be read"]
    assert settings.get(known.THEME) == "system"
    (aside,) = tmp_path.iterdir()
    assert aside.name.startswith("settings.ini.damaged-")
    assert aside.read_bytes() == content


def test_a_folder_of_that_name_is_moved_aside(tmp_path: Path) -> None:
    (tmp_path / "settings.ini").mkdir()
    settings, problems = load(tmp_path)
    assert problems == ["The settings could not be read"]
    settings.save()
    assert (tmp_path / "settings.ini").is_file()


def test_the_environment_wins_and_is_never_saved(tmp_path: Path) -> None:
    write(tmp_path, "[server]\napi_url=https://file.example\n")
    settings, problems = load(tmp_path, ADWARDEN_X_API_URL=" http://127.0.0.1:8080/ ")
    assert problems == []
    assert settings.get(known.API_URL) == "http://127.0.0.1:8080"
    assert settings.overridden(known.API_URL)
    assert not settings.overridden(known.ADS_URL)
    settings.save()
    again, _ = load(tmp_path)
    assert again.get(known.API_URL) == "https://file.example"


def test_an_address_of_the_environment_is_called_by_its_variable(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ADWARDEN_X_API_URL is not an address"):
        load(tmp_path, ADWARDEN_X_API_URL="http://evil.example")
    settings, _ = load(tmp_path)
    with pytest.raises(InputError, match="The setting “X API address” is not an address") as typed:
        settings.set(known.API_URL, "http://evil.example")
    assert typed.value.field == "api_url"


def test_an_address_in_the_file_is_held_to_the_same_rule(tmp_path: Path) -> None:
    write(tmp_path, "[server]\nads_url=http://evil.example\n")
    with pytest.raises(InputError) as caught:
        load(tmp_path)
    assert caught.value.exit_code == 2
    # Whoever reads it must know where to look: no environment variable was set.
    told = str(caught.value)
    assert f"“ads_url” in {tmp_path / 'settings.ini'} is not an address" in told
    assert "Use https. Correct it in that file" in told
    assert "ADWARDEN" not in told
    settings, problems = load(tmp_path, ADWARDEN_X_ADS_URL="https://ads.example")
    assert settings.get(known.ADS_URL) == "https://ads.example"
    assert problems == ["The setting “X Ads API address” was damaged"]


@pytest.mark.parametrize(
    ("given_", "normal"),
    [
        ("https://api.x.com", "https://api.x.com"),
        ("HTTPS://API.X.COM/", "https://api.x.com"),
        ("https://api.x.com:443", "https://api.x.com"),
        ("https://gateway.corp.example:8443/", "https://gateway.corp.example:8443"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://10.0.0.1", "https://10.0.0.1"),
        ("https://[2001:db8::1]:9", "https://[2001:db8::1]:9"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://127.255.255.254:1", "http://127.255.255.254:1"),
        ("http://localhost:65535/", "http://localhost:65535"),
        ("HTTP://LOCALHOST", "http://localhost"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
        ("\n http://127.0.0.1:5000 \t", "http://127.0.0.1:5000"),
    ],
)
def test_addresses_that_may_be_used(given_: str, normal: str) -> None:
    assert checked_address(given_, "NAME") == normal


@pytest.mark.parametrize(
    "address",
    [
        "", "api.x.com", "https://", "https:///x", "https:api.x.com", "ftp://127.0.0.1",
        "file:///etc/passwd", "javascript:alert(1)", "http://api.x.com", "http://10.0.0.1",
        "http://127.0.0.1@evil.com", "http://127.0.0.1:80@evil.com", "https://user:pw@api.x.com",
        "http://localhost.evil.com", "http://evil.com#@localhost", "http://localhost.",
        "http://127.0.0.1.", "http://127.0.0.1.evil.com", "http://127.1", "http://2130706433",
        "http://0x7f.0.0.1", "http://0177.0.0.1", "http://127.0.0.01", "http://0.0.0.0",
        "http://[::]", "http://[::ffff:127.0.0.1]", "http://[::1%25lo]", "http://[::1%lo]",
        "http://[127.0.0.1]", "http://[localhost]", "http://::1", "http://128.0.0.1",
        "http://ⓛocalhost", "http://１２７.0.0.1", "https://аpi.x.com", "https://api.x.com\\@evil",
        "http://localhost\\.evil.com", "https://a b.com", "https://api.x.com/12",
        "https://api.x.com?x", "https://api.x.com#", "https://api.x.com/;a", "http://localhost:0",
        "http://localhost:65536", "http://localhost:-1", "http://localhost:8 0",
        "http://localhost:٨٠", "https://a..b", "https://-a.com", "https://a_b.com",
        "https://%6cocalhost", "http://%6cocalhost", "https://x.com\r\nHost: evil",
        "https://x\t.com", "https://x.com\0", "https://" + "a" * 3000 + ".com",
        "https://" + "a" * 64 + ".com", "https://127.1", "https://x.0x1",
    ],
)  # fmt: skip
def test_addresses_that_must_not_be_used(address: str) -> None:
    with pytest.raises(InputError) as caught:
        checked_address(address, "ADWARDEN_X_API_URL")
    assert caught.value.exit_code == 2
    assert "ADWARDEN_X_API_URL" in caught.value.title
    assert "pw" not in repr((caught.value.args, caught.value.detail))


def plain_loopback(address: str) -> bool:
    """What a reader sees: http and then one of the three hosts, a port or nothing, the end."""
    host, _, port = address.removeprefix("http://").rpartition(":")
    if not host or (host.startswith("[") and not host.endswith("]")):
        host, port = address.removeprefix("http://"), "80"
    numbers = host.split(".")
    quad = len(numbers) == 4 and all(n.isdigit() and int(n) < 256 for n in numbers)
    return port.isdigit() and (host in ("localhost", "[::1]") or (quad and numbers[0] == "127"))


@given(
    st.text(
        st.sampled_from("htps:/@.[]%#?\\127x0localhost-é \t"), max_size=40
    ).map(lambda tail: "http://" + tail)
    | st.text(max_size=60)
    | st.from_regex(r"https?://[a-z0-9.\[\]:@%]{0,30}", fullmatch=True)
)  # fmt: skip
def test_whatever_is_accepted_is_https_or_loopback(text: str) -> None:
    try:
        address = checked_address(text, "NAME")
    except InputError:
        return
    assert address.isascii()
    assert "@" not in address
    assert address.startswith("https://") or plain_loopback(address)
    assert checked_address(address, "NAME") == address


TEXTS = Setting("text", "", Kind.TEXT, "Text", "Any text.", "test")


@given(st.text(st.characters(codec=None), max_size=200))
def test_any_text_comes_back_from_the_file(
    tmp_path_factory: pytest.TempPathFactory, value: str
) -> None:
    folder = DataFolder(tmp_path_factory.mktemp("s"))
    settings, _ = Settings.load(folder, {})
    settings.set(known.TREE_COLUMNS, value)
    settings.set(known.WINDOW_GEOMETRY, "AAEC+/==")
    settings.save()
    again, problems = Settings.load(folder, {})
    assert problems == []
    assert again.get(known.TREE_COLUMNS) == value
    assert again.get(known.WINDOW_GEOMETRY) == "AAEC+/=="
    assert TEXTS.parse(value) == value or value.startswith('"')


@given(st.sampled_from(known.TABLE), st.text(max_size=30))
def test_any_value_in_the_file_is_valid_or_reported(
    tmp_path_factory: pytest.TempPathFactory, setting: Setting[Any], text: str
) -> None:
    folder = DataFolder(tmp_path_factory.mktemp("s"))
    folder.settings.write_bytes(f"[{setting.group}]\n{setting.key} = {text}\n".encode())
    try:
        settings, problems = Settings.load(folder, {})
    except InputError:
        assert setting.kind is Kind.ADDRESS
        return
    value = settings.get(setting)
    assert setting.check(value) == value
    assert problems == [] or value == setting.default
    settings.save()


def test_saving_while_another_thread_changes_values(tmp_path: Path) -> None:
    settings, _ = load(tmp_path)
    done = threading.Event()

    def save() -> None:
        while not done.is_set():
            settings.save()

    saver = threading.Thread(target=save)
    saver.start()
    for seconds in range(1, 121):
        settings.set(known.TIMEOUT_CONNECT, seconds)
        settings.set(known.TREE_COLUMNS, "x" * seconds)
    done.set()
    saver.join()
    settings.save()
    again, problems = load(tmp_path)
    assert problems == []
    assert (again.get(known.TIMEOUT_CONNECT), again.get(known.TREE_COLUMNS)) == (120, "x" * 120)
    assert [path.name for path in tmp_path.iterdir()] == ["settings.ini"]


def test_a_damaged_view_is_named_as_the_window_does(tmp_path: Path) -> None:
    (tmp_path / "settings.ini").write_text("[window]\nview = banana\n")
    _, problems = Settings.load(DataFolder(tmp_path), {})
    (problem,) = problems
    assert problem.title == "The setting “By connection, or by ad account” was damaged"
    assert "in the window" in problem.remedy
