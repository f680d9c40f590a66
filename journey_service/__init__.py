"""The Journey service: what customers do on any device, recorded, folded and resumed."""

import os

# Read when gRPC is imported, so it stands before everything. We start PostgreSQL again while
# calls are under way; gRPC's fork handlers then crash every sixth child of ours (rule R20).
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
