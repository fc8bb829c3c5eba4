//! Which program `sh` is in an image.

use hullmark_sdk::prelude::*;

/// A shell, by what it knows beyond POSIX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sh {
    /// Little more than POSIX.
    Dash,
    /// A part of what bash knows.
    Busybox,
    /// bash, zsh or ksh.
    Large,
    /// Nothing tells.
    Unknown,
}

/// Tags of images that are made from Debian or Ubuntu, by a part between hyphens.
const DEBIAN_TAGS: [&str; 15] = [
    "bionic", "bookworm", "bullseye", "buster", "forky", "focal", "jammy", "jessie", "noble", "sid", "slim", "stretch",
    "trixie", "trusty", "xenial",
];

/// Docker official images, and others by their whole name, that are made from Debian or Ubuntu where their tag names
/// nothing else.
const DEBIAN_IMAGES: [&str; 40] = [
    "buildpack-deps",
    "cassandra",
    "debian",
    "drupal",
    "elixir",
    "erlang",
    "gcc",
    "golang",
    "gradle",
    "haproxy",
    "haskell",
    "httpd",
    "jruby",
    "julia",
    "mariadb",
    "maven",
    "memcached",
    "mono",
    "mongo",
    "neo4j",
    "nginx",
    "node",
    "perl",
    "php",
    "postgres",
    "pypy",
    "python",
    "r-base",
    "rabbitmq",
    "redis",
    "redmine",
    "ruby",
    "rust",
    "solr",
    "swift",
    "tomcat",
    "ubuntu",
    "wordpress",
    "eclipse-temurin",
    "ibmjava",
];

/// Last parts of names of images in which `sh` is bash.
const LARGE_IMAGES: [&str; 13] = [
    "almalinux",
    "amazonlinux",
    "archlinux",
    "bash",
    "centos",
    "clearlinux",
    "fedora",
    "mageia",
    "mysql",
    "oraclelinux",
    "photon",
    "rockylinux",
    "sl",
];

/// The shell that reads a script.
pub(crate) fn reader(script: Script<'_>) -> Sh {
    match script.shell() {
        Some("dash") => Sh::Dash,
        Some("ash") => Sh::Busybox,
        Some("sh") => script.stage().map_or(Sh::Unknown, of_stage),
        _ => Sh::Large,
    }
}

/// What `sh` is in a stage; looked up once, since every script of the stage asks.
fn of_stage(stage: Stage<'_>) -> Sh {
    *stage.from().node().document().derived(stage.index(), || look_up(stage))
}

fn look_up(stage: Stage<'_>) -> Sh {
    // Who links another shell to its place knows why.
    if stage.lineage().any(|stage| stage.commands().any(changes_sh)) {
        return Sh::Unknown;
    }
    stage.lineage().last().and_then(Stage::image).map_or(Sh::Unknown, |image| of_image(&image))
}

fn changes_sh(command: Command<'_>) -> bool {
    let inner = command.unwrapped();
    let is_sh = |word: Word<'_>| matches!(word.text(), Some("/bin/sh" | "/usr/bin/sh" | "/bin/" | "dash"));
    matches!(inner.name(), Some("ln" | "cp" | "mv" | "dpkg-reconfigure" | "update-alternatives" | "dpkg-divert"))
        && inner.arguments().any(is_sh)
}

fn of_image(image: &Image<'_>) -> Sh {
    let repository = image.repository();
    let name = repository.rsplit('/').next().unwrap_or_default();
    let tag = image.tag().unwrap_or_default();
    let mut tag_parts = tag.split(['-', '.', '_']);
    if name == "busybox" || name == "alpine" || tag_parts.clone().any(|part| part.starts_with("alpine")) {
        return Sh::Busybox;
    }
    let is_redhat = image.registry().ends_with("redhat.com") || repository.contains("/ubi") || name.starts_with("ubi");
    let is_large = LARGE_IMAGES.contains(&name) || repository.starts_with("opensuse/") || is_redhat;
    let large_tags = ["oracle", "oraclelinux8", "oraclelinux9", "azurelinux3", "cbl", "al2023", "fedora", "centos"];
    if is_large || tag_parts.clone().any(|part| large_tags.contains(&part)) {
        return Sh::Large;
    }
    let is_official = image.registry() == "docker.io" && repository.starts_with("library/");
    let is_debian = is_official && DEBIAN_IMAGES.contains(&name) || tag_parts.any(|part| DEBIAN_TAGS.contains(&part));
    if is_debian { Sh::Dash } else { Sh::Unknown }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::parsed;

    use super::*;

    fn of(text: &str) -> Sh {
        let document = parsed(text);
        let last = document.dockerfile().unwrap().scripts().last().unwrap();
        reader(last)
    }

    #[test]
    fn images_tell_their_shell() {
        let image = |image: &str| of(&format!("FROM {image}\nRUN a\n"));
        for dash in [
            "debian:13.1",
            "ubuntu",
            "node:22",
            "python:3.13-slim",
            "ghcr.io/a/b:1-bookworm",
            "golang:1.26@sha256:0000000000000000000000000000000000000000000000000000000000000000",
        ] {
            assert_eq!(image(dash), Sh::Dash, "{dash}");
        }
        for busybox in ["alpine:3.22", "node:22-alpine3.22", "busybox", "a/b:1.2-alpine"] {
            assert_eq!(image(busybox), Sh::Busybox, "{busybox}");
        }
        for large in [
            "fedora:43",
            "quay.io/centos/centos:stream9",
            "registry.access.redhat.com/ubi9/ubi:9.7",
            "amazonlinux:2023",
            "opensuse/leap:15.6",
            "mysql:8.4",
            "mongo:8-oracle",
        ] {
            assert_eq!(image(large), Sh::Large, "{large}");
        }
        for unknown in ["example/app:1", "$BASE", "scratch", "a/python:3", "ghcr.io/library/x"] {
            assert_eq!(image(unknown), Sh::Unknown, "{unknown}");
        }
    }

    #[test]
    fn stages_and_scripts_tell_their_shell() {
        assert_eq!(of("FROM debian AS a\nFROM a\nRUN b\n"), Sh::Dash);
        assert_eq!(of("FROM debian\nRUN ln -sf bash /bin/sh\nRUN a\n"), Sh::Unknown);
        assert_eq!(of("FROM debian\nSHELL [\"/bin/bash\", \"-c\"]\nRUN a\n"), Sh::Large);
        assert_eq!(of("FROM example/app\nSHELL [\"/bin/ash\", \"-c\"]\nRUN a\n"), Sh::Busybox);
        assert_eq!(of("FROM debian\nRUN bash -c 'a'\n"), Sh::Large);
        assert_eq!(of("FROM debian\nENTRYPOINT [\"sh\", \"-c\", \"a\"]\n"), Sh::Dash);
        assert_eq!(of("FROM debian\nONBUILD RUN a\n"), Sh::Dash);
    }
}
