-- A consumer's new place. $1 consumer, $2 checkpoint
INSERT INTO journey_checkpoints (consumer, checkpoint) VALUES ($1, $2)
ON CONFLICT (consumer) DO UPDATE SET checkpoint = excluded.checkpoint, saved_at = now()
