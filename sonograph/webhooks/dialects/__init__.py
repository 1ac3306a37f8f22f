"""How a delivery is worded and signed: five vendors' ways, each a module, and the one of the GraphQL API by default."""

from collections.abc import Mapping

from sonograph.webhooks.dialects import cyanite, labelstart, sonovault, sonzai, standard
from sonograph.webhooks.dialects.dialect import Dialect

DIALECTS: Mapping[str, Dialect] = {
    one.name: one for one in (sonovault.DIALECT, standard.DIALECT, cyanite.DIALECT, labelstart.DIALECT, sonzai.DIALECT)
}
