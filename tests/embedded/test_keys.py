from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from journey_service.embedded import DataDirectoryUnusable, load_or_create_secrets


def test_secrets_are_made_once_and_read_ever_after(tmp_path: Path) -> None:
    made = load_or_create_secrets(tmp_path / "secrets")
    assert load_or_create_secrets(tmp_path / "secrets") == made


def test_no_key_is_another_key_and_each_has_256_bits(tmp_path: Path) -> None:
    made = load_or_create_secrets(tmp_path / "secrets")
    other = load_or_create_secrets(tmp_path / "other")
    keys = [
        key
        for secrets in (made, other)
        for key in (
            secrets.master_key,
            secrets.token_secret,
            secrets.signing_key,
            secrets.identity_key,
            secrets.visitor_secret,
        )
    ]
    assert {len(key) for key in keys} == {32}
    assert len(set(keys)) == len(keys)
    assert len({*made.passwords.values(), *other.passwords.values()}) == 8


def test_the_app_key_of_an_installation_stays_and_is_no_others(tmp_path: Path) -> None:
    made = load_or_create_secrets(tmp_path / "secrets").app_key
    assert made == load_or_create_secrets(tmp_path / "secrets").app_key
    assert made != load_or_create_secrets(tmp_path / "other").app_key
    assert made.startswith("app_")
    assert len(made) == 30


def test_the_last_version_of_the_master_key_seals(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    first = load_or_create_secrets(folder).master_key
    key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    text = (folder / "master.key").read_text()
    (folder / "master.key").write_text(text.replace('"1":', f'"2": "{key}", "1":'))
    rotated = load_or_create_secrets(folder)
    assert rotated.master_key_version == 2
    assert rotated.master_key == bytes(range(32))
    assert rotated.master_keys[1] == first


def test_nothing_secret_appears_in_a_printed_value(tmp_path: Path) -> None:
    assert repr(load_or_create_secrets(tmp_path / "secrets")) == "Secrets()"


def test_those_who_make_secrets_at_once_all_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(load_or_create_secrets, [tmp_path / "secrets"] * 8))
    assert all(secrets == made[0] for secrets in made)
    assert [entry.name for entry in tmp_path.iterdir()] == ["secrets"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"keys": {}}', '{"keys": {"1": "!"}}'])
def test_a_damaged_key_file_is_refused_with_its_place(content: str, tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    load_or_create_secrets(folder)
    (folder / "master.key").write_text(content)
    with pytest.raises(DataDirectoryUnusable, match=str(folder)):
        load_or_create_secrets(folder)
