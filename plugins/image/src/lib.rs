//! Images: where they come from, and which version they are.

hullmark_sdk::plugin! {
    name: "image",
    summary: "Images: where they come from, and which version they are.",
    rules: [
        latest_tag,
    ],
}
