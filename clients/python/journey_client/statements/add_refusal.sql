-- Keeps a refusal until the application was told.
INSERT INTO refusals (event_id, interaction, result) VALUES (:event_id, :interaction, :result)
ON CONFLICT (event_id) DO NOTHING;
