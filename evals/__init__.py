"""How we know: measures of the assistant, imported by nothing."""
