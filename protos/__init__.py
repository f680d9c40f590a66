"""The schema, and the command that generates code from it."""
