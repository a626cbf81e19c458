"""What staff may do with found things."""

from core.sdk import Permission

VIEW = Permission("lostfound.item.view", "See found things", frozenset({"manager", "supervisor", "clerk"}))
REGISTER = Permission("lostfound.item.register", "Register found things", frozenset({"manager", "clerk"}))
CONFIGURE = Permission("lostfound.keeping.configure", "Set how long found things are kept", frozenset({"manager"}))

ALL = (VIEW, REGISTER, CONFIGURE)
