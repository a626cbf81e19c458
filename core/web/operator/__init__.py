"""The operator's realm over HTTP: an application of its own, which no session or token of a company opens."""
