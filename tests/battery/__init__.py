"""The fault battery: real processes, broken on purpose, judged by their clients' histories."""
