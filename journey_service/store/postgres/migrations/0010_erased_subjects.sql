-- Who was erased lately: what others remember of them is forgotten.
CREATE INDEX subjects_erased ON subjects (partition, erased_at_ms) WHERE erased_at_ms IS NOT NULL;
