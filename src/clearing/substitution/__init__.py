"""Substitution trading of Xinjiang: new energy in place of the output of captive coal plants."""
