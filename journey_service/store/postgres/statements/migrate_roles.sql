-- Which roles there are, and what the connected one may do with them. `owned`: what is there was
-- made by the owner role, or nothing is there.
SELECT
    (SELECT count(*) FROM pg_roles
      WHERE rolname IN ('journey_owner', 'journey_application', 'journey_reader')) = 3 AS present,
    (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user) AS may_create,
    current_user <> 'journey_owner' AND (
        SELECT coalesce(bool_or(pg_has_role(current_user, oid, 'MEMBER')), false)
          FROM pg_roles WHERE rolname = 'journey_owner'
    ) AS may_be_owner,
    (SELECT coalesce(bool_and(pg_get_userbyid(relowner) = 'journey_owner'), true)
       FROM pg_class WHERE oid = to_regclass('migrations')) AS owned
