"""The past that demo companies begin with: told in `tenants/demo`, and lived through by the services themselves."""
