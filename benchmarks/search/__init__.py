"""What searches and lists cost the database at their worst, and whether searches find what is meant."""
