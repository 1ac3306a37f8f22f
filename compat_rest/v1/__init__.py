"""The SonoVault API, /v1: clients of the hosted service change the base URL and nothing else.

routes      every route: path, parameters, document, in one table
params      text of parameters -> values, with the errors that the contract asks for
answers     the ASGI application: route, authenticate, read, answer
openapi     openapi.json from the table and the documents
"""
