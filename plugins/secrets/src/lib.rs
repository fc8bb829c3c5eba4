//! Secrets that an image or a manifest would carry to whoever can read it.

mod secret_text;

hullmark_sdk::plugin! {
    name: "secrets",
    summary: "Secrets that an image or a manifest would carry to whoever can read it.",
    rules: [
        committed_secret,
        copied_secret_file,
        env_secret_ref,
        in_build_args,
        in_command,
        in_config_map,
        personal_data,
        plain_env_value,
    ],
}
