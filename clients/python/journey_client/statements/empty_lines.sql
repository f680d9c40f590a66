-- Numbers begin from 1.
DELETE FROM lines;
