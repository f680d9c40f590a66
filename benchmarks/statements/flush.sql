-- The same of what is to be written to disk.
CHECKPOINT
