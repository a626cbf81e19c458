"""Damages for late payment (违约金): told as they accrue, charged by hand, waived by two."""
