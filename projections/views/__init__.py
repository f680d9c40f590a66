"""Views, one file each: with folds of their own, or made of published journeys when read."""
