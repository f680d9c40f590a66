"""Measurements are tried in their tiny size; their figures are not judged."""
