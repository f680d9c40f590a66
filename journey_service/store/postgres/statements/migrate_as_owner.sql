-- What this transaction makes belongs to the owner role.
SET LOCAL ROLE journey_owner
