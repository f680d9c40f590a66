"""Named behaviours of peers' suites, shown here."""
