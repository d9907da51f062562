"""Follows PolyAI outbound calls that temporal-polyai monitors."""
