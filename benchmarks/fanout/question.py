"""What all listeners ask for: an airing with what a now-playing view shows."""

GRAPHQL = """subscription { plays { id type play { startedAt confidence stream { id }
  track { databaseId title isrc duration artists { artist { databaseId name } } } } } }"""
