//! Availability: what keeps a workload up while nodes, versions and loads change.

mod scaling;

hullmark_sdk::plugin! {
    name: "availability",
    summary: "Availability: what keeps a workload up while nodes, versions and loads change.",
    rules: [
        autoscaler_without_requests,
        autoscaler_without_room,
        blocking_disruption_budget,
        dangling_autoscaler,
        dangling_disruption_budget,
        implicit_eviction_policy,
        invalid_spread_constraint,
        low_autoscaler_minimum,
        missing_disruption_budget,
        missing_node_affinity,
        missing_pre_stop,
        missing_priority_class,
        missing_spread,
        no_grace_period,
        refused_update_strategy,
        replicas_with_autoscaler,
        single_replica,
        unavailable_rollout,
        undecided_disruption_budget,
    ],
}
