"""The GraphQL schema: types, projection to SQL, stored documents behind REST answers and events."""
