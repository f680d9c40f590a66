-- The application was told.
DELETE FROM refusals WHERE event_id = :event_id;
