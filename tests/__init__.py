"""Tests, laid out as the layers are; every name is a sentence."""
