"""The journal, states and sessions on PostgreSQL."""
