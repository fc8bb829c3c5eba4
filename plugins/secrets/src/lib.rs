//! Secrets that an image would carry to whoever can pull it.

hullmark_sdk::plugin! {
    name: "secrets",
    summary: "Secrets that an image would carry to whoever can pull it.",
    rules: [
        copied_secret_file,
        in_build_args,
        in_command,
    ],
}
