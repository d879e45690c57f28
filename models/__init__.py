"""The executable specification: SCUC, SCED and the pricing run as plain Pyomo, for reading, trying and checking."""
