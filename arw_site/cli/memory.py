"""`arw-cli memory upsert | search | show | erase`: actions of the server (contract §10)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from arw_site.cli.client import Answer
from arw_site.cli.failures import Misused
from arw_site.cli.output import facts, indented, one_line, plain, say, table
from arw_site.cli.session import Session, command
from arw_site.cli.values import finite, json_value

app = typer.Typer(rich_markup_mode=None)

ItemId = Annotated[str, typer.Argument(metavar="ITEM", help="The item's id.")]
OwnerKind = Annotated[str | None, typer.Option("--owner-kind", help="workspace, project or agent.")]
OwnerRef = Annotated[str | None, typer.Option("--owner-ref", help="Its identifier.")]


@command(app, "upsert")
def upsert(
    session: Session,
    lane: Annotated[
        str,
        typer.Option("--lane", help="episodic, semantic, procedural, profile or worldview."),
    ],
    owner_kind: OwnerKind = "workspace",
    owner_ref: OwnerRef = "local",
    text: Annotated[str | None, typer.Option("--text", help="What to remember.")] = None,
    value: Annotated[
        str | None, typer.Option("--value", metavar="JSON|@FILE", help="The same as JSON.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", help="A word to find it by; repeatable.")
    ] = None,
    confidence: Annotated[
        float | None, typer.Option("--confidence", help="How sure: from 0 to 1.")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", help="Where it comes from.")] = None,
    relevance: Annotated[
        list[str] | None,
        typer.Option(
            "--relevance",
            metavar="PERSONA=X",
            help="How much it matters to a persona: from 0 to 1; repeatable.",
        ),
    ] = None,
    item: Annotated[
        str | None, typer.Option("--item", help="Takes the place of this item of yours.")
    ] = None,
    idempotency_key: Annotated[
        str | None,
        typer.Option("--idempotency-key", help="A repeat with the same key counts once."),
    ] = None,
) -> None:
    """Keeps something learned, as yours; private until a lease shares it."""
    given = {
        "lane": lane,
        "owner_kind": owner_kind,
        "owner_ref": owner_ref,
        "text": text,
        "value": None if value is None else json_value("--value", value),
        "tags": tag,
        "confidence": finite("--confidence", confidence),
        "source": source,
        "relevance": _scores(relevance or []) or None,
        "item_id": item,
    }
    answer = _act(session, "memory.upsert", given, key=idempotency_key)
    if not session.shows(answer):
        say(f"Remembered as {one_line(_output(answer).get('item_id'))}")


@command(app, "search")
def search(
    session: Session,
    text: Annotated[
        str | None, typer.Argument(metavar="[WORDS]", help="All of them have to be there.")
    ] = None,
    lane: Annotated[str | None, typer.Option("--lane", help="Of this lane only.")] = None,
    tag: Annotated[str | None, typer.Option("--tag", help="With this tag only.")] = None,
    owner_kind: OwnerKind = None,
    owner_ref: OwnerRef = None,
    persona: Annotated[
        str | None,
        typer.Option("--persona", help="Of this persona's owner, by what matters to it."),
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", help="At most so many.")] = None,
) -> None:
    """Items that you may read: your own, and what is shared with a persona."""
    given = {
        "text": text,
        "lane": lane,
        "tag": tag,
        "owner_kind": owner_kind,
        "owner_ref": owner_ref,
        "persona_id": persona,
        "limit": limit,
    }
    answer = _act(session, "memory.search", given)
    if session.shows(answer):
        return
    table(
        ("ITEM", "LANE", "OWNER", "RELEVANCE", "UPDATED", "TEXT"),
        (_row(found) for found in _output(answer).get("items") or []),
        empty="no items",
    )


@command(app, "show")
def show(session: Session, item_id: ItemId) -> None:
    """What an id stands for: the item, its tombstone, or that it is withheld."""
    answer = _act(session, "memory.rehydrate", {"item_id": item_id})
    if session.shows(answer):
        return
    output = _output(answer)
    item = output.get("item") or {"id": output.get("item_id")}
    names = ("id", "lane", "tags", "confidence", "source", "principal", "created", "updated",
             "erased")  # fmt: skip
    say(
        *facts(
            [
                ("state", output.get("state")),
                *((name, item[name]) for name in names if item.get(name) not in (None, [])),
            ]
        )
    )
    if item.get("text"):
        say("text", *(f"  {plain(line)}" for line in str(item["text"]).splitlines()))
    if item.get("value") is not None:
        say("value", *indented(item["value"]))


@command(app, "erase")
def erase(
    session: Session,
    item_id: Annotated[str | None, typer.Argument(metavar="[ITEM]", help="The item's id.")] = None,
    all_of: Annotated[
        str | None,
        typer.Option("--all-of", metavar="WHO", help="All that this user name or id wrote."),
    ] = None,
) -> None:
    """Takes content away for good; a tombstone stays, so that citations still resolve."""
    if (item_id is None) == (all_of is None):
        raise Misused("say what: an item, or --all-of WHO")
    given = {"item_id": item_id, "principal": all_of}
    answer = _act(session, "memory.erase", given)
    if session.shows(answer):
        return
    if item_id is not None:
        say(f"Erased {item_id}")
    else:
        count = _output(answer).get("erased")
        say(f"Erased {one_line(count)} item{'' if count == 1 else 's'}")


def _act(session: Session, kind: str, given: dict[str, Any], *, key: str | None = None) -> Answer:
    body = {"kind": kind, "input": {name: one for name, one in given.items() if one is not None}}
    headers = {} if key is None else {"Idempotency-Key": key}
    return session.api.post("actions", body=body, headers=headers)


def _output(answer: Answer) -> dict[str, Any]:
    output = answer.record.get("output")
    return output if isinstance(output, dict) else {}


def _row(found: dict[str, Any]) -> tuple[Any, ...]:
    item = found.get("item") or {}
    words = " ".join(str(item.get("text") or "").split())
    score = found.get("relevance")
    return (
        item.get("id"),
        item.get("lane"),
        f"{item.get('owner_kind')}:{item.get('owner_ref')}",
        f"{score:.2f}" if isinstance(score, int | float) else None,
        item.get("updated"),
        words if len(words) <= 60 else words[:59] + "…",
    )


def _scores(given: list[str]) -> dict[str, float]:
    scores: dict[str, float] = {}
    for one in given:
        persona, _, score = one.rpartition("=")
        try:
            scores[persona] = float(score)
        except ValueError:
            persona = ""
        if not persona:
            raise Misused(f"--relevance: {one!r} is no PERSONA=X such as persona.alpha=0.7")
        finite("--relevance", scores[persona])
    return scores
