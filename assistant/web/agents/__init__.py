"""The desk of the staff at ``/agents``: READ FIRST ``service.py``, what it does; ``page.py`` shows it."""
