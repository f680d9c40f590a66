"""The `eventsourcing` library on Journey: its contract cases, applications, the example."""
