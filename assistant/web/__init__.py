"""The chat page, in the browser and on the server."""
