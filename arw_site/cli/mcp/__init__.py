"""`arw-cli mcp`: the server's personas and memory as tools of the Model Context Protocol.

A client of the server like every other command: each call of a tool is one request with the
caller's token, and no tool decides on a proposal. Only `serving` and `http` import the SDK, so
that `arw-cli --help` does not.
"""
