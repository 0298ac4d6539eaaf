"""Memory as tools: actions of the server (contract §10)."""

from __future__ import annotations

from typing import Any

from arw_site.cli.mcp import schemas as s
from arw_site.cli.mcp.tool import ACTIONS, Tool

_OWNER = {"owner_kind": s.OWNER_KIND, "owner_ref": s.OWNER_REF}
_STATE: s.Schema = {
    "enum": ["present", "erased", "withheld"],
    "description": "`withheld`: it is there, but nobody shares it with you.",
}
_HELD = s.answers(
    ("id", "lane", "owner_kind", "owner_ref", "text", "tags"),
    id=s.STRING,
    lane=s.LANE,
    owner_kind=s.STRING,
    owner_ref=s.STRING,
    text=s.STRING,
    value={"description": "Any JSON."},
    tags=s.items(s.STRING),
    confidence=s.nullable({"type": "number"}),
    source=s.nullable(s.STRING),
    principal=s.nullable(s.text("Who wrote it; not told of what was erased.")),
    created=s.STRING,
    updated=s.STRING,
    erased=s.nullable(s.text("When its content was taken away.")),
)
_ITEM: s.Schema = {"anyOf": [_HELD, {"type": "null"}]}
_FOUND = s.answers(
    ("state", "item"),
    state=_STATE,
    item=_ITEM,
    relevance=s.nullable({"type": "number", "description": "For the persona asked about."}),
)


def _action(kind: str, **more: Any) -> Tool:
    """The tool for that kind of action; an underscore takes the place of the dot."""
    return Tool(name=kind.replace(".", "_"), kind=kind, method="POST", place=ACTIONS, **more)


_UPSERT = _action(
    "memory.upsert",
    title="Remember",
    description=(
        "Keeps something learned, as yours: `text`, a JSON `value`, or both. It is private until a "
        "lease shares it; secrets and personal data are taken out before it is kept. With the "
        "`item_id` of an item of your own it takes that item's place."
    ),
    input_schema=s.takes(
        ("lane", "owner_kind", "owner_ref"),
        lane=s.LANE,
        **_OWNER,
        item_id=s.MEMORY_ID,
        text=s.text("What to remember; at most 8 KiB.", 8192),
        value={"description": "Anything as JSON; at most 8 KiB, 6 deep."},
        tags=s.items(s.text("A word to find it by.", 64, minLength=1), maxItems=20),
        confidence=s.number("How sure."),
        source=s.text("Where it comes from.", 200),
        relevance={
            "type": "object",
            "description": "How much it matters to personas: a number from 0 to 1 by persona id.",
            "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
        },
        idempotency_key=s.KEY,
    ),
    output_schema=s.answers(("action_id", "item_id"), action_id=s.STRING, item_id=s.STRING),
    headers={"idempotency_key": "Idempotency-Key"},
)
_SEARCH = _action(
    "memory.search",
    title="Search memory",
    description=(
        "Items that you may read: your own, and what is shared with a persona. All words of `text` "
        "have to be there. With `persona_id` it is the items of that persona's owner, scored by "
        "how much they matter to it."
    ),
    input_schema=s.takes(
        (),
        text=s.text("Words that it holds.", 1000),
        lane=s.LANE,
        tag=s.text("One of its tags.", 64),
        **_OWNER,
        persona_id=s.PERSONA_ID,
        limit=s.whole("At most so many.", 1, 200),
    ),
    output_schema=s.answers(
        ("action_id", "items"),
        action_id=s.STRING,
        items=s.items(_FOUND),
        item_ids=s.items(s.STRING),
    ),
    read_only=True,
)
_REHYDRATE = _action(
    "memory.rehydrate",
    title="Open a citation",
    description=(
        "What stands behind a memory id that a belief cites: the item, its tombstone where it was "
        "erased, or nothing where it is withheld from you."
    ),
    input_schema=s.takes(("item_id",), item_id=s.MEMORY_ID),
    output_schema=s.answers(
        ("action_id", "item_id", "state", "item"),
        action_id=s.STRING,
        item_id=s.STRING,
        state=_STATE,
        item=_ITEM,
    ),
    read_only=True,
)

MEMORY_TOOLS = (_UPSERT, _SEARCH, _REHYDRATE)
