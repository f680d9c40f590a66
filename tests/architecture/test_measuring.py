from tests.measuring import TESTS, UNMEASURED


def test_what_is_not_measured_are_folders_of_tests() -> None:
    assert {name for name in UNMEASURED if not (TESTS / name).is_dir()} == set()
