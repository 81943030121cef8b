"""The WebSocket gateway: sessions, compression, limits, close codes."""
