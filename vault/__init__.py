"""Keys that lie outside the database, and what is done with them. Pure: no database, no service, no clock."""
