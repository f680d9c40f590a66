-- Where subscribers of this database keep their places: one row a consumer.
CREATE TABLE IF NOT EXISTS journey_checkpoints (
    consumer text PRIMARY KEY,
    checkpoint text NOT NULL,
    saved_at timestamptz NOT NULL DEFAULT now()
)
