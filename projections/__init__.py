"""Pure folds over the journal, and the runner that drives them."""
