"""Mixed-integer linear problems as arrays; knows no electricity."""
