"""What talking to a database ends with where that is away, restarts, or refuses a statement."""

import asyncpg

# An InternalClientError comes from a connection that was cut: until the end of its stream has arrived as well, asyncpg
# has no state for what is asked next.
TROUBLE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
