"""The edge to storage: adapters of the ports."""
