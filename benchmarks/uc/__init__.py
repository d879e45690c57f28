"""Unit commitment against peers on pglib-uc: `python -m benchmarks.uc.run`, then `python -m benchmarks.uc.page`."""
