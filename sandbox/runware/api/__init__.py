"""What listens: HTTP, WebSocket, uploads, webhooks, and the control API."""
