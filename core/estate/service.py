"""The estate: who lives where, found by phone, name or unit; household rolls taken in and out again."""


class Estate:
    """The estate service; one for the process. `secret` seals identity numbers."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
