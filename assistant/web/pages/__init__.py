"""The pages around the chat: HTML written on the server."""
