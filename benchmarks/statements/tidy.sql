-- What a database does in the background, done at once, so that no round pays for the filling.
VACUUM (ANALYZE)
