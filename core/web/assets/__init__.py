"""Browser assets: sources in `src/`, npm packages in `package-lock.json`, built by `python -m core.web.assets`."""
