-- Hand one role's password to roles.sql, for this transaction only.
SELECT set_config('journey.' || $1 || '_password', $2, true);
