"""What the pages on sources need of the corpus: who says what, searches, and documents read in parts."""
