"""Customer scorecards that hold named owners to what their company chose."""

from scorecard.metric import Metric, metric

__all__ = ["Metric", "__version__", "metric"]
__version__ = "0.1.0"
