"""JSON merge patches (RFC 7396) of plain trees: objects are merged, null takes a key away, anything else replaces."""

from __future__ import annotations

from typing import Any

Tree = dict[str, Any]


def merged(base: Any, patch: Any) -> Any:
    """base with patch merged in (RFC 7396, section 2); neither is changed."""
    if not isinstance(patch, dict):
        return patch
    result = dict(base) if isinstance(base, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def patch_between(before: Tree, after: Tree) -> Tree:
    """The smallest patch with merged(before, patch) == after; the trees hold no null, as ProtoJSON never does."""
    patch: Tree = {key: None for key in before if key not in after}
    for key, value in after.items():
        if key not in before:
            patch[key] = value
        elif isinstance(value, dict) and isinstance(before[key], dict):
            inside = patch_between(before[key], value)
            if inside:
                patch[key] = inside
        elif value != before[key]:
            patch[key] = value
    return patch
