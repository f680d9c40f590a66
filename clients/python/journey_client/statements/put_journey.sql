-- Keeps a journey of the copy.
INSERT INTO journeys (kind, journey_id, state, lease) VALUES (:kind, :journey_id, :state, :lease)
ON CONFLICT (kind, journey_id) DO UPDATE SET state = excluded.state, lease = excluded.lease;
