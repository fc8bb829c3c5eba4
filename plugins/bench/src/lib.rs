//! All built-in plugins, linked natively: the one place that does so. The benchmark runs them beside the components, the
//! fuzz targets alone.

use hullmark_sdk::Plugin;

/// Every built-in plugin, by name.
pub static PLUGINS: &[&Plugin] = &[
    &hullmark_api::PLUGIN,
    &hullmark_availability::PLUGIN,
    &hullmark_control_plane::PLUGIN,
    &hullmark_dockerfile::PLUGIN,
    &hullmark_image::PLUGIN,
    &hullmark_network::PLUGIN,
    &hullmark_probes::PLUGIN,
    &hullmark_rbac::PLUGIN,
    &hullmark_resources::PLUGIN,
    &hullmark_secrets::PLUGIN,
    &hullmark_shell::PLUGIN,
    &hullmark_user::PLUGIN,
    &hullmark_workload::PLUGIN,
];
