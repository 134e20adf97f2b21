"""Pure functions over facts, a day and dated parameters; no clock, no index, no network."""
