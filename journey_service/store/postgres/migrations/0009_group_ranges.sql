-- A range that a group gets once more: what lies behind `again_from` up to `again_to`. Of the rest up
-- to `resume_at` comes only what has a delivery: that is where the group stood before.
ALTER TABLE group_progress
    ADD COLUMN again_from bigint NOT NULL DEFAULT 0,
    ADD COLUMN again_to bigint NOT NULL DEFAULT 0,
    ADD COLUMN resume_at bigint NOT NULL DEFAULT 0;
