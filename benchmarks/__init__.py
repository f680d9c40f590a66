"""Measurements: how fast Journey is beside something else in the same run.

Each question is one program: `python -m benchmarks.record --quick`. README.md says how it is
measured and holds the latest figures. Nothing here is a test with a time limit.
"""
