-- Let the owner role make tables here, whoever made the database.
GRANT CREATE, USAGE ON SCHEMA public TO journey_owner
