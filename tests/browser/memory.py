"""Pages that show memory, on a desk that was given some."""

from __future__ import annotations

import json

from tests.browser.desk import Desk

SEED = "from tests.browser.memory_data import main; main()"


def recall(desk: Desk) -> dict[str, str]:
    """Give the desk memory and suggestions; the addresses of their pages by name."""
    printed = desk.server.manage("shell", "--no-imports", "-v", "0", "-c", SEED)
    made: dict[str, str] = json.loads(printed.strip().splitlines()[-1])
    return made


def memory_pages(desk: Desk) -> dict[str, tuple[str, str]]:
    """The same as `every_page` gives its own: who looks, and at which address."""
    made = recall(desk)
    return {
        "review-memory": ("erin", made["review"]),
        "review-memory-gone": ("erin", made["gone"]),
        "memory-item": ("bob", made["item"]),
        "memory-item-erased": ("bob", made["erased"]),
        "memory-item-withheld": ("bob", made["hidden"]),
        "persona-memory": ("alice", made["nora"]),
        "persona-memory-gone": ("alice", made["olaf"]),
    }
