-- How long the sealed payloads of the journal's events are, in the middle.
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY octet_length(state)) FROM events;
