-- What tells the journal's identity key from another one; null = no start brought one yet.
SELECT identity_check FROM journal
