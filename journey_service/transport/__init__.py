"""The edge to the network: gRPC."""
