-- What tells the identity key of this journal from another one: HMAC-SHA-256 of the journal's id under
-- that key, noted at the first start that brings the key. Null = no start brought one yet.
ALTER TABLE journal ADD COLUMN identity_check bytea;
