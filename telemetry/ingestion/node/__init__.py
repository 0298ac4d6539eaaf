"""One writer for all processes of a node (contract §7).

A commit costs nearly the same for one request as for fifty, and commits of several processes hold
each other up. So where a node has several processes, one of them writes for all: the others hand
it what arrives at them, over a Unix socket in a folder of the node's own, and answer once it says
what was committed. Whoever finds nobody to hand to writes for itself.
"""
