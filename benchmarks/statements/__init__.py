"""The SQL of measurements, one statement a file."""

from pathlib import Path


def statement(name: str) -> str:
    """The text of NAME.sql."""
    return (Path(__file__).parent / f"{name}.sql").read_text()
