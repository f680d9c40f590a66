-- Wait until nobody writes to these partitions. $1: partitions.
SELECT partition FROM partitions WHERE partition = ANY ($1::int[]) ORDER BY partition FOR UPDATE
