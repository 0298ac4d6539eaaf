"""Changing leases and policy (contract §6): one service per transition, one module per topic."""
