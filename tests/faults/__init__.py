"""Injectors: what breaks processes, connections, clocks, on purpose and within bounds."""
