"""Tests of market power: arithmetic on case, rules and result. `clearing.market_check` puts them together."""
