"""Contracts of the ports, written once and kept by every store."""
