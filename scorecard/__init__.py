"""Customer scorecards that hold named owners to what their company chose."""

from scorecard.base.version import VERSION as __version__
from scorecard.definitions.metric import Metric, metric

__all__ = ["Metric", "__version__", "metric"]
