-- What each role may do, said anew after every migration. The log is append-only by privilege:
-- nobody but the owner may change or remove what was recorded.
REVOKE ALL ON
    migrations, journal, epochs, partitions, events, subjects, installations, machines, projections,
    checkpoints, states, folded, state_index, stopped_folds, skipped_events,
    sessions, installation_devices, installation_epochs, installation_secrets, members, links,
    commands,
    presence, device_commands, handoffs, handoff_codes, handoff_tries, leases, limit_groups,
    group_leases, live_generations, rebuilds, comparisons,
    consumer_groups, group_consumers, group_progress, deliveries
FROM PUBLIC, journey_application, journey_reader;
GRANT SELECT ON
    migrations, journal, epochs, partitions, events, subjects, installations, machines, projections,
    checkpoints, states, folded, state_index, stopped_folds, skipped_events,
    sessions, installation_devices, installation_epochs, installation_secrets, members, links,
    commands,
    presence, device_commands, handoffs, handoff_codes, handoff_tries, leases, limit_groups,
    group_leases, live_generations, rebuilds, comparisons,
    consumer_groups, group_consumers, group_progress, deliveries
TO journey_application, journey_reader;
GRANT INSERT ON events, epochs, skipped_events TO journey_application;
GRANT UPDATE ON partitions TO journey_application;
GRANT UPDATE (identity_check) ON journal TO journey_application;
GRANT INSERT, UPDATE ON
    subjects, installations, machines, sessions, installation_devices, installation_epochs,
    installation_secrets, members, links
TO journey_application;
GRANT INSERT, UPDATE, DELETE ON
    projections, checkpoints, states, folded, state_index, stopped_folds,
    commands, presence, device_commands, handoffs,
    handoff_codes, handoff_tries, leases, limit_groups, group_leases,
    live_generations, rebuilds, comparisons,
    consumer_groups, group_consumers, group_progress, deliveries
TO journey_application;
