"""One door for what agents do: ``POST /actions {kind, input}`` (contract §10).

A kind is a name, two JSON Schemas and a handler that calls the service of the other door; what a
handler refuses is refused as it is there.
"""
