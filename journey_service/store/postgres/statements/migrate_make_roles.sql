-- Make the three roles where they are missing (rule R22). Roles belong to the whole server, so two
-- databases may be migrated at the same moment. They cannot log in; logins are made members.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['journey_owner', 'journey_application', 'journey_reader'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I', name);
            EXECUTE format('GRANT %I TO %I', name, current_user);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
END
$$
