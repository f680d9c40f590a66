-- Drops a journey of the copy.
DELETE FROM journeys WHERE kind = :kind AND journey_id = :journey_id;
