"""The mark for secrets on macOS's pasteboard (nspasteboard.org), which Qt cannot write."""

from __future__ import annotations

import ctypes
from ctypes import c_bool, c_char_p, c_long, c_void_p
from typing import Any

CONCEALED = "org.nspasteboard.ConcealedType"

NOT_MARKED = (
    "The secret could not be marked as one. A program that keeps a history of the clipboard may "
    "have kept it."
)


def conceal(library: str = "/usr/lib/libobjc.A.dylib") -> str:
    """Add the mark to what is on the pasteboard; returns why not, in words.

    ``addTypes:owner:`` and ``setData:forType:`` of NSPasteboard, as AppKit documents them.
    """
    try:
        objc = ctypes.CDLL(library)
        class_named, selector_named = objc.objc_getClass, objc.sel_registerName
    except (OSError, AttributeError):
        return NOT_MARKED
    for function in (class_named, selector_named):
        function.argtypes, function.restype = [c_char_p], c_void_p

    def send(target: Any, name: str, result: Any, *arguments: Any) -> Any:  # noqa: ANN401
        # One prototype a message: on Apple's own processors a variadic call goes elsewhere.
        made = ctypes.CFUNCTYPE(result, c_void_p, c_void_p, *[c_void_p] * len(arguments))
        call = made(("objc_msgSend", objc))
        return call(target, selector_named(name.encode()), *arguments)

    pasteboards = class_named(b"NSPasteboard")
    if not pasteboards:  # AppKit is there whenever Qt shows a window
        return NOT_MARKED
    board = send(pasteboards, "generalPasteboard", c_void_p)
    text = ctypes.create_string_buffer(CONCEALED.encode())
    kind = send(class_named(b"NSString"), "stringWithUTF8String:", c_void_p, ctypes.addressof(text))
    kinds = send(class_named(b"NSArray"), "arrayWithObject:", c_void_p, kind)
    nothing = send(class_named(b"NSData"), "data", c_void_p)
    if not (board and kind and kinds and nothing):
        return NOT_MARKED
    added = send(board, "addTypes:owner:", c_long, kinds, None)
    done = added and send(board, "setData:forType:", c_bool, nothing, kind)
    return "" if done else NOT_MARKED
