"""`journey simulate`: a small cast of devices plays a day of one customer."""
