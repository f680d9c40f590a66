-- Ends the effect of what a frame holds already.
UPDATE items SET shown = 0 WHERE subject_id = :subject_id AND seq <= :seq AND shown = 1;
