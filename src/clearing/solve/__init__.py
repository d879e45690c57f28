"""How problems are solved to a certified gap."""
