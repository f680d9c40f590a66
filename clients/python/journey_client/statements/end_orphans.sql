-- Ends the effect of what an earlier installation id recorded: this frame was read after it.
UPDATE items SET shown = 0 WHERE shown = 2;
