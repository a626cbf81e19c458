"""Browser assets: sources in `src/`, npm packages pinned in `package-lock.json`, built by `python -m core.web.assets`."""
