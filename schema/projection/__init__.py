"""A read is find + project: a GraphQL selection, compiled once into one SQL statement that returns the finished JSON.

mapping     where each field comes from, declared beside the Strawberry type
reading     a selection becomes a tree of columns and rows
writing     tree + finds become SQL
arguments   variables and arguments by graphql-core's rules, worked out once a plan
plans       text -> limits, validation, tree, statements; kept in a bounded cache
executor    the same declarations for graphql-core, for what is not a plain read
lanes       one door for both: compiled where possible, else executed
check       the declarations against the database, at start-up
"""
