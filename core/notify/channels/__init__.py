"""The ways a message leaves: e-mail, a company's webhooks, chat groups and text messages through providers."""
