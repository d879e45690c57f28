"""The promises of the service under load, hangs, kills and cuts: figures in parts that add up."""
