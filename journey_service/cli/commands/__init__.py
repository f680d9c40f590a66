"""The commands with their options, one module for what is loaded together."""
