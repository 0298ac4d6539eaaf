"""RFC 7396 merge patches, and the RFC 6902 patches that they mean (contract §4)."""

from __future__ import annotations

from collections.abc import Iterator

from personas.documents.canonical import Json, Op, json_equal
from personas.documents.pointer import join


def merge_apply(target: Json, patch: Json) -> Json:
    """RFC 7396 §2: the merge of ``patch`` into ``target``; neither is changed."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_apply(merged.get(key), value)
    return merged


def merge_to_ops(document: Json, patch: Json) -> list[Op]:
    """The smallest add, replace and remove operations that do to ``document`` what ``patch`` does.

    Members that would not change give no operation; the order is that of the merge object.
    """
    return list(_ops((), document, patch))


def _ops(place: tuple[str, ...], target: Json, patch: Json) -> Iterator[Op]:
    if not isinstance(patch, dict) or not isinstance(target, dict):
        merged = merge_apply(target, patch)
        if not json_equal(target, merged):
            yield {"op": "replace", "path": join(place), "value": merged}
        return
    for key, value in patch.items():
        path = (*place, key)
        if value is None:
            if key in target:
                yield {"op": "remove", "path": join(path)}
        elif key in target:
            yield from _ops(path, target[key], value)
        else:
            yield {"op": "add", "path": join(path), "value": merge_apply(None, value)}
