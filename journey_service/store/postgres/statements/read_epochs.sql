-- All epochs of the journal, in order; heads by partition.
SELECT number, epoch, timeline, heads FROM epochs ORDER BY number
