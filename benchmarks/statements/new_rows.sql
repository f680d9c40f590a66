-- The journal's rows that the bare COPY has not written yet, as they were committed.
SELECT e.*
FROM public.events AS e
WHERE e.position > coalesce(
    (SELECT max(b.position) FROM bench.as_journal AS b WHERE b.partition = e.partition), 0
)
ORDER BY e.recorded_at_ms, e.partition, e.position;
