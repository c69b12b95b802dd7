"""What nothing that a person asks for is written over, by whatever spelling or link."""

from __future__ import annotations

from pathlib import Path

import pytest

from adwarden.domain.errors import InputError
from adwarden.storage.own_files import OwnFiles, own_files
from adwarden.storage.report_file import ExistsError, write_report


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    (tmp_path / "team").mkdir()
    (tmp_path / "aside").mkdir()
    path = tmp_path / "team" / "team.kdbx"
    path.write_bytes(b"secrets")
    return path


def refuse(own: OwnFiles, path: Path) -> None:
    for replace in (False, True):
        with pytest.raises(InputError, match="KeePass file in use") as caught:
            write_report(path, (b"a backup",), replace=replace, own=own)
        assert not isinstance(caught.value, ExistsError)  # which would offer to replace it
        assert caught.value.field == "file"
        assert caught.value.remedy


@pytest.mark.parametrize(
    "name", ["team/team.kdbx", "aside/../team/team.kdbx", "linked/team.kdbx", "soft", "hard"]
)
def test_the_file_in_use_is_written_over_by_no_way(tmp_path: Path, vault: Path, name: str) -> None:
    (tmp_path / "linked").symlink_to(vault.parent)
    (tmp_path / "soft").symlink_to(vault)
    (tmp_path / "hard").hardlink_to(vault)
    refuse(OwnFiles(vaults=(vault,)), tmp_path / name)
    assert vault.read_bytes() == b"secrets"
    assert (tmp_path / "soft").is_symlink()


def test_where_a_link_is_in_use_the_file_behind_it_is(tmp_path: Path, vault: Path) -> None:
    link = tmp_path / "vault.kdbx"
    link.symlink_to(vault)
    for path in (link, vault):
        refuse(OwnFiles(vaults=(link,)), path)
    vault.unlink()  # its drive was unplugged
    for path in (link, vault):
        refuse(OwnFiles(vaults=(link,)), path)


def test_the_place_of_a_file_that_is_gone_stays_its_own(tmp_path: Path, vault: Path) -> None:
    vault.unlink()
    for name in ("team/team.kdbx", "aside/../team/team.kdbx", "team/TEAM.kdbx"):
        refuse(OwnFiles(vaults=(vault,)), tmp_path / name)
    assert not list(vault.parent.iterdir())


def test_another_file_beside_it_is_fine(tmp_path: Path, vault: Path) -> None:
    other = vault.with_name("backup.kdbx")
    write_report(other, (b"one",), own=OwnFiles(vaults=(vault,)))
    write_report(other, (b"two",), replace=True, own=OwnFiles(vaults=(vault,)))
    assert (other.read_bytes(), vault.read_bytes()) == (b"two", b"secrets")


@pytest.mark.parametrize("data", ["", "practice"])
@pytest.mark.parametrize("named_in", ["", "practice"])
def test_the_settings_tell_which_file_it_is_practice_s_as_well(
    tmp_path: Path, vault: Path, data: str, named_in: str
) -> None:
    (tmp_path / "practice").mkdir()
    strange = vault.rename(vault.with_name("tëam.kdbx"))
    settings = tmp_path / named_in / "settings.ini"
    settings.write_text(f'[vault]\nfile="{strange}"\n'.replace("ë", "\\u00eb"))
    refuse(own_files(tmp_path / data), strange)
    refuse(own_files(tmp_path / data, str(tmp_path / "other.kdbx")), tmp_path / "other.kdbx")
    settings.write_bytes(b"\0")  # damaged: what is in memory counts
    refuse(own_files(tmp_path / data, str(strange)), strange)
