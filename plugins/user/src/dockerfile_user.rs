//! Which user the image of a Dockerfile runs as, and on what it stands. Only the last stage counts: earlier ones build.

use hullmark_sdk::prelude::*;

/// The argument of the USER that holds in the end: the last one of the final stage or, where it has none, of the stage
/// that it is built from.
pub(crate) fn last_user<'a>(file: &Dockerfile<'a>) -> Option<Node<'a>> {
    let user = file.final_stage()?.lineage().find_map(|stage| stage.all("USER").next_back())?;
    user.arguments().next()
}

/// The user without the group; empty where only a group is given.
pub(crate) fn user_part(argument: Node<'_>) -> &str {
    let text = argument.value().unwrap_or_default().trim().trim_matches(['"', '\'']);
    text.split(':').next().unwrap_or_default()
}

/// Where the user without the group stands.
pub(crate) fn user_place(argument: Node) -> Place {
    let user = user_part(argument);
    let offset = argument.value().and_then(|value| value.find(user)).unwrap_or_default();
    argument.part(offset, user)
}

/// Whether the user is root, by name or number.
pub(crate) fn is_root(user: &str) -> bool {
    user == "root" || user.parse::<u32>() == Ok(0)
}

/// Whether the image runs on Windows, where users have no numbers and none is called root.
pub(crate) fn is_windows(file: &Dockerfile) -> bool {
    let lineage = || file.final_stage().into_iter().flat_map(Stage::lineage);
    let by_platform = lineage()
        .filter_map(|stage| stage.from().flag("platform"))
        .filter_map(Node::value)
        .any(|platform| platform.to_ascii_lowercase().starts_with("windows"));
    let by_image = lineage().filter_map(Stage::base).any(|image| {
        image.starts_with("mcr.microsoft.com/windows")
            || image.starts_with("mcr.microsoft.com/dotnet/framework/")
            || image.contains("nanoserver")
            || image.contains("windowsservercore")
    });
    by_platform || by_image
}
