from __future__ import annotations

import pytest

from adwarden.domain import errors
from adwarden.domain.errors import AdwardenError, ErrorCode


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.InputError, 2),
        (errors.NotFoundError, 3),
        (errors.StorageError, 1),
        (errors.KeychainError, 4),
        (errors.NetworkError, 5),
        (errors.ServerError, 5),
        (errors.RateLimitedError, 5),
        (errors.AuthorizationError, 6),
    ],
)
def test_the_console_ends_with_the_code_of_the_kind(kind: type[AdwardenError], code: int) -> None:
    assert kind.exit_code == code


def test_an_error_says_what_why_and_what_to_do() -> None:
    error = AdwardenError(ErrorCode.SERVER, "It broke", "The wind was strong.", "Try again.")
    assert str(error) == "It broke. The wind was strong. Try again."
    assert str(AdwardenError(ErrorCode.SERVER, "It broke", "")) == "It broke."
