-- What has its answer under the earlier installation id ends with the next copy.
UPDATE items SET shown = 2 WHERE waiting = 0 AND shown = 1;
