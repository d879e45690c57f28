"""Generated from proto/clearing/v1 by proto/generate.py; do not edit."""
