"""`arw-cli`: the command line (contract §11). It talks HTTP and nothing else.

Nothing here imports Django, so that `arw-cli --help` starts in a blink; httpx and rich are imported
by the commands that need them.
"""
