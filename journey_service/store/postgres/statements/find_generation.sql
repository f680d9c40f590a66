-- The newest generation of a projection that was folded by this version of its fold; null = none.
-- $1: projection. $2: fold version.
SELECT max(generation) FROM projections WHERE projection = $1 AND fold_version = $2
