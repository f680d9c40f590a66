-- Reads how far the copy holds the effect of own interactions.
SELECT subject_id, epoch, seq FROM processed;
