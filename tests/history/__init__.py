"""Recorder and checker of fault runs: what clients did and saw, and whether it can be true."""
