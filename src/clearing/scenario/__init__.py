"""Cases changed: merge patches, outages and factors over a base case, differences of two, where a case comes from."""
