import re

from tests.architecture.tree import ROOT, tracked_files

LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
PINNED = re.compile(r"^[A-Za-z0-9][^\n]*==", re.MULTILINE)
PINNED_WITH_HASH = re.compile(r"^[A-Za-z0-9][^\n]*==[^\n]*\\\n +--hash=sha256:", re.MULTILINE)
# Written so that this file does not match itself.
ADDRESSES_OF_ONE_MACHINE = re.compile(
    r"""
    (?<![\w.])/(wor[k]|roo[t]|home/[a-z]+|opt/pyp[i])/   # where one machine keeps things
    | (pypi|npmjs|registry)\.(or[g]|co[m])\b             # registries and their mirrors
    | pythonhosted\.or[g]
    | ://[\w.-]*(pyp[i]|mirro[r]|registr[y]|artifactor[y]|nexu[s])\b
    | --(extra-)?index-ur[l] | --find-link[s]\b
    """,
    re.VERBOSE,
)


def test_lock_files_hold_no_address() -> None:
    assert LOCKS
    assert [lock.name for lock in LOCKS if "://" in lock.read_text()] == []


def test_every_package_in_a_lock_has_hashes() -> None:
    for lock in LOCKS:
        text = lock.read_text()
        packages = PINNED.findall(text)
        assert packages
        assert len(PINNED_WITH_HASH.findall(text)) == len(packages)


def test_no_tracked_file_names_a_registry_or_a_place_of_one_machine() -> None:
    found = [
        f"{path}: {match.group()}"
        for path in tracked_files()
        if (match := ADDRESSES_OF_ONE_MACHINE.search(text_of(path.as_posix())))
    ]
    assert found == []


def text_of(name: str) -> str:
    return (ROOT / name).read_bytes().decode("utf-8", errors="replace")
