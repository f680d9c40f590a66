"""The Python client of the Journey service."""
