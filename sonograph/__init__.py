"""The domain: catalog, accounts, storage. It knows no HTTP and no GraphQL framework."""
