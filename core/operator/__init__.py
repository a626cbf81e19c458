"""The realm of those who operate the platform: its people, what they see of companies, how they may enter one."""
