"""The values that the fields of a search can have, as far as they are known at the moment."""

from __future__ import annotations

from adwarden.domain.permissions import PERMISSIONS, permission
from adwarden.domain.query import CLOSED
from adwarden.ui.search import visible
from adwarden.ui.tree_nodes import Forest


def known_values(forest: Forest, field: str) -> list[tuple[str, str]]:
    """Return the values of a field, each with words; empty where anything can be typed."""
    if field in CLOSED:
        return list(CLOSED[field].items())
    nodes = forest.connections.values()
    match field:
        case "role":
            strange = {value for values in forest.held for value in values} - PERMISSIONS.keys()
            known = [(_slug(permission(v).label), permission(v).wording) for v in PERMISSIONS]
            return known + [(visible(v), permission(v).meaning) for v in sorted(strange)]
        case "handle":
            handles = {visible(one.connection.handle) for one in nodes}
            return [(handle, "connection") for handle in sorted(handles, key=str.casefold)]
        case "app":
            labels = {visible(app.label) for app in forest.apps.values()}
            return [(label, "X app") for label in sorted(labels, key=str.casefold)]
    return []


def _slug(label: str) -> str:
    return label.lower().replace(" ", "-")
