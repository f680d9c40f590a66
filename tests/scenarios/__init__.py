"""Stories of customers over devices and channels: what the service is for."""
