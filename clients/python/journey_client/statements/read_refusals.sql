-- Reads the refusals that the application was not told of.
SELECT event_id, interaction, result FROM refusals ORDER BY rowid;
