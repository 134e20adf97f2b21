"""The calendar of the calls: from the dated figures to rows, a chart and a file for a diary."""
