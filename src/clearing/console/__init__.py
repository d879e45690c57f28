"""The console: a local web page over a clearing server, with no state but files."""
