"""Views over the published journeys of a customer, one file each."""
