"""The report of 92 days of 100 streams: how long it takes, in what memory, and what the database alone takes."""
