"""The API: HTTP, WebSocket, sessions and control."""
