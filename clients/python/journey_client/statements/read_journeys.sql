-- Reads the copy.
SELECT kind, journey_id, state, lease FROM journeys;
