"""What one organisation asks of its images and workloads, as a plugin of its own."""

import foreign_pods
import foreign_registry
import large_memory
import npm_install
import unowned_workload
import unreachable_service
from hullmark import plugin

Plugin = plugin(
    "acme",
    "What acme asks of its images and workloads.",
    [
        foreign_pods.rule,
        foreign_registry.rule,
        large_memory.rule,
        npm_install.rule,
        unowned_workload.rule,
        unreachable_service.rule,
    ],
    homepage="https://platform.acme.example/policy",
)
