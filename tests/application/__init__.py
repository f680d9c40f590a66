"""The calls of the application, over a store in memory."""
