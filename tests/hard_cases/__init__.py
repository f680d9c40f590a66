"""The hard cases of the sync rules, one test or more a number, through real gRPC."""
