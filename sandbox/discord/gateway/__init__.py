"""The WebSocket gateway: sessions, compression, limits, close codes; entered through `server`."""
