"""Many clearings from one manifest: local workers, a Dask cluster, or servers; resumed where they stopped."""
