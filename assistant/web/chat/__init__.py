"""The chat: a Gradio page, what a question does to it, and the HTML of its messages."""
