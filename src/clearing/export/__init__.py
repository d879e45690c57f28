"""Problems for other solvers: formed as a clearing forms them, named, written, not solved."""
