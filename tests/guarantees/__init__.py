"""The guarantees G1 to G8 of the sync protocol, a file each, over real gRPC and PostgreSQL."""
