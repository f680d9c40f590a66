-- Make the three roles of a new cluster: owner (migrations), application and reader.
-- The passwords come in transaction-local settings, because a utility statement takes no
-- parameters and a password inside its text could reach the server's log.
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['owner', 'application', 'reader'] LOOP
        EXECUTE format(
            'CREATE ROLE %I LOGIN PASSWORD %L',
            'journey_' || role,
            current_setting('journey.' || role || '_password')
        );
    END LOOP;
END
$$;
