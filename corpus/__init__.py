"""What we know about the programme and where it comes from; imports nothing of ours."""
