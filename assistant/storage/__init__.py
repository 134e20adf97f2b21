"""What the staff desk keeps: requests, drafts, accounts and figures, in SQLite or PostgreSQL."""
