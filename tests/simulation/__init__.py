"""Simulated devices of one customer: wrong clocks, offline spells, lost answers, several services.

    python -m tests.simulation --seed 7          replay one history, and tell what went wrong
    python -m tests.simulation --count 2000      as many histories as CI plays
    python -m tests.simulation --long            200,000

Everything in a history is drawn from its seed. In the end every device and every service must show
the same bytes, equal to a fold of the events in another order, and to plain definitions.
"""
