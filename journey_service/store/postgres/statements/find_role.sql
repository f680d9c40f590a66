-- Whether the login may act as the application role (rule R22), and whether there is one.
SELECT
    current_user = 'journey_application' AS is_application,
    EXISTS (SELECT FROM pg_roles WHERE rolname = 'journey_application') AS present,
    (SELECT coalesce(bool_or(pg_has_role(current_user, oid, 'MEMBER')), false)
       FROM pg_roles WHERE rolname = 'journey_application') AS may_act
