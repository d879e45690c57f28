"""Tools of the repository: run by make, by the tests, and by the site."""
