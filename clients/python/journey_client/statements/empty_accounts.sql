-- Forgets who used this store.
DELETE FROM accounts;
