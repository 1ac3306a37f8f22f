"""REST shims: thin tables from a foreign API's routes to stored GraphQL documents."""
