"""Company packs: a company, its sites, people and policies as one TOML file, compared with the database and applied."""
