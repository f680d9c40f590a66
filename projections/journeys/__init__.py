"""The kinds of journeys, one file each: what it keeps, how it folds, when it is finished."""
