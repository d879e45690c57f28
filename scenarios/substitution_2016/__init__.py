"""A synthetic round of substitution trading of the size of 2016."""
