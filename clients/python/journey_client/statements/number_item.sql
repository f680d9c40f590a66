-- Gives an interaction its number, once.
UPDATE items SET seq = :seq WHERE item_no = :item_no AND seq IS NULL;
