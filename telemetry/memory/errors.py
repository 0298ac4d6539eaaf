"""What can go wrong with memory items (contract §2, §10). Pure."""

from __future__ import annotations

from leases.errors import Conflict, Forbidden, InvalidInput, NotFound


class MemoryItemNotFound(NotFound):
    """No memory item has that id, or the asker may not know that it does."""

    title = "Memory Item Not Found"
    code = "memory_item_not_found"
    default_detail = "Memory item id not found"


class MemoryItemErased(Conflict):
    """The item was erased: its id stays a tombstone, so that citations keep their meaning."""

    title = "Memory Item Erased"
    code = "memory_item_erased"
    default_detail = "the memory item was erased; write a new one"


class InvalidMemoryItem(InvalidInput):
    """A memory item breaks a rule; nothing is stored."""

    title = "Invalid Memory Item"
    code = "invalid_memory_item"


class InvalidMemorySearch(InvalidInput):
    """A search of the memory breaks a rule."""

    title = "Invalid Memory Search"
    code = "invalid_memory_search"


class MemoryForbidden(Forbidden):
    """The role does not carry the right, or the item is somebody else's."""

    title = "Memory Forbidden"
    code = "memory_forbidden"
    refuses = "memory"
    default_detail = "keeping memory items needs the role of a member"
