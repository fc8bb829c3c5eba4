"""What {{name}} asks of Dockerfiles and manifests."""

import npm_install
from hullmark import plugin

# A rule is a file in this folder and a name here.
Plugin = plugin("{{name}}", "What {{name}} asks of Dockerfiles and manifests.", [npm_install.rule])
