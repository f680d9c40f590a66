-- Where every partition stands.
SELECT partition, head FROM partitions
