//! Images: where they come from, and which version they are.

mod borrowed;
mod origin;

hullmark_sdk::plugin! {
    name: "image",
    summary: "Images: where they come from, and which version they are.",
    rules: [
        heavy_base,
        latest_tag,
        open_repository_prefix,
        pull_policy,
        unpinned_digest,
        untagged,
        untrusted_registry,
    ],
}
