"""Outgoing messages: who is told what, by which channel and when; webhooks; and how they leave the house."""
