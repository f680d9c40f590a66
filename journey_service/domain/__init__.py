"""Pure rules: occurrence clock, validation, append decisions, identity, tokens, errors."""
