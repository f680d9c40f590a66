-- Nothing; answered as soon as the connection is idle again.
SELECT 1
