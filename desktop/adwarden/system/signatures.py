"""Stands in for shiboken's helper for signatures until somebody wants to know one.

Shiboken calls these by their names when a call of Qt is wrong, or for ``help()``; the first such
call loads the true helper out of shiboken itself and leaves everything to it from then on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

PACKAGE = "shibokensupport"
LOADER = f"{PACKAGE}.signature.loader"
MAPPING = f"{PACKAGE}.signature.mapping"


def true_helper() -> ModuleType:
    """Return shiboken's own loader module, loaded by the first call."""
    loaded = sys.modules.get(LOADER)
    if loaded is not None and not hasattr(loaded, "stands_in"):
        return loaded
    import importlib

    from adwarden.system.enums import look_into_all

    # It names members of Qt's enums the short way.
    look_into_all()
    bootstrap = importlib.import_module("signature_bootstrap")
    # What was left out of the package at the start; the helper looks things up in it.
    package = sys.modules["shiboken6"]
    assert package.__spec__ is not None
    assert package.__spec__.loader is not None
    package.__spec__.loader.exec_module(package)
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]
    finders, importer = bootstrap.prepare_zipfile()
    finders.insert(0, importer)
    try:
        return importlib.import_module(LOADER)
    finally:
        finders.remove(importer)


def _passed_on(name: str) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:  # noqa: ANN401 - whatever shiboken hands over
        return getattr(true_helper(), name)(*arguments)

    return call


pyside_type_init = _passed_on("pyside_type_init")
create_signature = _passed_on("create_signature")
seterror_argument = _passed_on("seterror_argument")
make_helptext = _passed_on("make_helptext")


def finish_import(module: ModuleType) -> None:
    """Do nothing: the helper would look for functions to be mended, and there are none."""


def feature_import(*arguments: Any, **named: Any) -> None:  # noqa: ANN401
    """Do nothing, which means an ordinary import."""


def feature_imported(module: ModuleType) -> None:
    """Do nothing: no module here asks for features."""


def post_init() -> None:
    """Do nothing: the helper would put its hook into ``import`` here."""


def update_mapping(names: dict[str, Any]) -> None:
    """Bring ``names``, in which shiboken looks up what a signature speaks of, up to date."""
    true_helper()
    mapping = sys.modules[MAPPING]
    mapping.update_mapping()
    kept = names["update_mapping"]
    names.update(vars(mapping))
    names["update_mapping"] = kept
