-- Make the database; the owner may make tables in it, because it owns the schema `public` with it.
CREATE DATABASE journey OWNER journey_owner;
