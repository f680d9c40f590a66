"""What is true of the store on PostgreSQL alone."""
