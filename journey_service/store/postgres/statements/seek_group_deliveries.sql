-- Forget what is known of events that a seek delivers anew. $1: group_id. $2 to $4: partitions, the
-- positions behind which these events lie, and those of the last of them. $5: standings to forget.
DELETE FROM deliveries AS gone
USING unnest($2::int[], $3::bigint[], $4::bigint[]) AS moved (partition, after, up_to)
WHERE gone.partition = moved.partition AND gone.group_id = $1
    AND gone.position > moved.after AND gone.position <= moved.up_to
    AND gone.standing = ANY($5::int[])
