"""What shiboken calls by name; see adwarden.system.signatures."""

from adwarden.system.signatures import (
    create_signature,
    feature_import,
    feature_imported,
    finish_import,
    make_helptext,
    post_init,
    pyside_type_init,
    seterror_argument,
)

# Shiboken's C code takes it out of sys.modules and does not ask whether it is there.
from shibokensupport.signature import mapping

stands_in = True

__all__ = [
    "create_signature",
    "feature_import",
    "feature_imported",
    "finish_import",
    "make_helptext",
    "mapping",
    "post_init",
    "pyside_type_init",
    "seterror_argument",
]
