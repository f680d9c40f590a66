-- Note what tells the journal's identity key from another one, once. $1: the check.
UPDATE journal SET identity_check = $1 WHERE identity_check IS NULL
