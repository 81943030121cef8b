"""What moderators do about members and results; reading rights from an interaction is in ui."""
