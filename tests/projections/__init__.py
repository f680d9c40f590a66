"""The folds and their runner: hard cases by number, parts, kinds, convergence."""
