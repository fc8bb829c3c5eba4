//! Image references, read as Docker and Kubernetes read them. Nothing here knows where a reference stands or which
//! words a Dockerfile treats specially (`scratch`, names of stages).
//!
//! Follows `ParseNormalizedNamed` of <https://github.com/distribution/reference>.

use super::Span;

/// Where images come from when no registry is written.
const DEFAULT_REGISTRY: &str = "docker.io";
/// An older name of the same registry.
const LEGACY_REGISTRY: &str = "index.docker.io";
/// Where a name of one component lies on the default registry.
const OFFICIAL: &str = "library/";
/// Longest repository path, in bytes, without the registry.
const PATH_LIMIT: usize = 255;
/// Longest tag, in bytes.
const TAG_LIMIT: usize = 128;

/// An image reference with what is implied filled in; the fields are those of `image-reference` in the plugin interface.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageReference {
    /// Host and port; `docker.io` where none is written.
    pub registry: String,
    /// Path on the registry; `library/nginx` for `nginx` on `docker.io`.
    pub repository: String,
    /// The tag, if one is written: Docker adds `latest` later, and only where there is no digest either.
    pub tag: Option<String>,
    /// The digest with its algorithm: `sha256:…`.
    pub digest: Option<String>,
    /// Whether the registry is written.
    pub explicit_registry: bool,
    /// Bytes of the name, registry included, in the text that was parsed.
    pub name_at: Span,
    /// Bytes of the tag without its colon; empty, after the name, where there is none.
    pub tag_at: Span,
    /// Bytes of the digest without its `@`; empty, at the end, where there is none.
    pub digest_at: Span,
}

impl ImageReference {
    /// Reads a reference; `None` for what Docker would refuse. A text with a variable (`$`) is no reference until the
    /// variable is replaced, so it gives `None` as well.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if is_identifier(text) {
            return None;
        }
        let (named, digest) = match text.split_once('@') {
            Some((named, digest)) => (named, Some(digest)),
            None => (text, None),
        };
        let last = named.rfind('/').map_or(0, |slash| slash + 1);
        let colon = named[last..].find(':').map(|at| last + at);
        let name = &named[..colon.unwrap_or(named.len())];
        let tag = colon.map(|at| &named[at + 1..]);
        if !tag.is_none_or(is_tag) || !digest.is_none_or(is_digest) {
            return None;
        }
        let (registry, repository, explicit_registry) = normalize(name)?;
        let name_end = name.len() as u32;
        let end = text.len() as u32;
        Some(Self {
            registry,
            repository,
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
            explicit_registry,
            name_at: Span::new(0, name_end),
            tag_at: tag.map_or(Span::new(name_end, name_end), |_| Span::new(name_end + 1, named.len() as u32)),
            digest_at: digest.map_or(Span::new(end, end), |digest| Span::new(end - digest.len() as u32, end)),
        })
    }
}

/// Registry, path and whether the registry is written.
fn normalize(name: &str) -> Option<(String, String, bool)> {
    let (registry, path) = match name.split_once('/') {
        Some((first, rest)) if names_a_registry(first) => (Some(first), rest),
        _ => (None, name),
    };
    if !path.split('/').all(is_path_component) {
        return None;
    }
    // `my_host.example/app` is no host by the grammar, yet Docker accepts it, as a path; the runtimes then ask that host.
    if let Some(host) = registry.filter(|host| !is_host(host)) {
        let accepted = is_path_component(host) && name.len() <= PATH_LIMIT;
        return accepted.then(|| (host.to_owned(), path.to_owned(), true));
    }
    let explicit = registry.is_some();
    let registry = match registry {
        None | Some(LEGACY_REGISTRY) => DEFAULT_REGISTRY,
        Some(host) => host,
    };
    let official = registry == DEFAULT_REGISTRY && !path.contains('/');
    let repository = if official { format!("{OFFICIAL}{path}") } else { path.to_owned() };
    (repository.len() <= PATH_LIMIT).then(|| (registry.to_owned(), repository, explicit))
}

/// Whether the part before the first slash is a registry, not the first part of a path.
fn names_a_registry(first: &str) -> bool {
    first == "localhost" || first.bytes().any(|byte| matches!(byte, b'.' | b':') || byte.is_ascii_uppercase())
}

/// A domain name, an IPv4 address or an IPv6 address in brackets, perhaps with a port.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rfind([':', ']']).filter(|&at| text.as_bytes()[at] == b':') {
        Some(colon) => (&text[..colon], Some(&text[colon + 1..])),
        None => (text, None),
    };
    if port.is_some_and(|port| port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit())) {
        return false;
    }
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return !address.is_empty() && address.bytes().all(|byte| byte == b':' || byte.is_ascii_hexdigit());
    }
    host.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte == b'-' || byte.is_ascii_alphanumeric())
    })
}

/// Lower-case letters and digits, joined by one `.`, one or two `_`, or any number of `-`.
fn is_path_component(text: &str) -> bool {
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        let word = bytes[at..].iter().take_while(|&&byte| is_alphanumeric(byte)).count();
        if word == 0 {
            return false;
        }
        at += word;
        if at == bytes.len() {
            return true;
        }
        let separator = bytes[at..].iter().take_while(|&&byte| !is_alphanumeric(byte)).count();
        let allowed = match &bytes[at..at + separator] {
            b"." | b"_" | b"__" => true,
            other => other.iter().all(|&byte| byte == b'-'),
        };
        if !allowed {
            return false;
        }
        at += separator;
    }
}

fn is_tag(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_word = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
    let Some((&first, rest)) = bytes.split_first() else { return false };
    bytes.len() <= TAG_LIMIT && is_word(first) && rest.iter().all(|&byte| is_word(byte) || byte == b'.' || byte == b'-')
}

/// The registered algorithms, in lower-case hexadecimal digits: others are refused as unsupported.
fn is_digest(text: &str) -> bool {
    let Some((algorithm, encoded)) = text.split_once(':') else { return false };
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return false,
    };
    encoded.len() == length && encoded.bytes().all(is_lower_hex)
}

/// 64 hexadecimal digits: the id of a local image, which cannot be a name.
fn is_identifier(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(is_lower_hex)
}

fn is_lower_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(text: &str) -> Option<(String, Option<String>, Option<String>)> {
        let image = ImageReference::parse(text)?;
        Some((format!("{} {}", image.registry, image.repository), image.tag, image.digest))
    }

    fn name(text: &str) -> String {
        parts(text).map(|(name, ..)| name).unwrap_or_default()
    }

    fn slice(text: &str, at: Span) -> &str {
        &text[at.range()]
    }

    #[test]
    fn what_docker_refuses_is_none() {
        let hex = "0123456789abcdef".repeat(4);
        for text in [
            "",
            ":",
            "@",
            "nginx:",
            "nginx@",
            "nginx:-a",
            "nginx:a:b",
            "nginx:a b",
            " nginx",
            "Nginx",
            "library/Nginx",
            "docker.io/Nginx",
            "a//b",
            "/a",
            "a/",
            "a...b",
            "a._b",
            "a___b",
            "-a",
            "a-",
            "host:/a",
            "host:port/a",
            "my_host.example:5000/a",
            "-host.example/a",
            "[::1/a",
            "[fe80::1%25eth0]:5000/a",
            "http://host.example/a",
            "${IMAGE}",
            "nginx:$TAG",
            "nginx@sha256:0123",
            "nginx@md5:0123456789abcdef0123456789abcdef",
            &hex,
            &format!("nginx@sha256:{}", hex.to_uppercase()),
            &format!("nginx@SHA256:{hex}"),
            &format!("nginx@sha256:{hex}0"),
            &format!("nginx:{}", "a".repeat(129)),
            &"a".repeat(248),
            &format!("host.example/{}", "a".repeat(256)),
        ] {
            assert_eq!(ImageReference::parse(text), None, "{text}");
        }
    }

    #[test]
    fn limits_are_inclusive() {
        assert!(ImageReference::parse(&"a".repeat(247)).is_some(), "`library/` counts");
        assert!(ImageReference::parse(&format!("host.example/{}", "a".repeat(255))).is_some());
        assert!(ImageReference::parse(&format!("nginx:{}", "a".repeat(128))).is_some());
        assert_eq!(name(&"a".repeat(63)), format!("docker.io library/{}", "a".repeat(63)));
        assert_eq!(name(&format!("x/{}", "a".repeat(64))), format!("docker.io x/{}", "a".repeat(64)));
    }

    #[test]
    fn a_registry_is_known_by_its_first_component() {
        for (text, expected) in [
            ("nginx", "docker.io library/nginx"),
            ("team/app", "docker.io team/app"),
            ("docker.io/nginx", "docker.io library/nginx"),
            ("index.docker.io/nginx", "docker.io library/nginx"),
            ("index.docker.io/team/app", "docker.io team/app"),
            ("localhost", "docker.io library/localhost"),
            ("localhost/app", "localhost app"),
            ("localhost:5000", "docker.io library/localhost"),
            ("localhost:5000/app", "localhost:5000 app"),
            ("host.example/app", "host.example app"),
            ("host.example", "docker.io library/host.example"),
            ("10.0.0.1:5000/a/b", "10.0.0.1:5000 a/b"),
            ("[::1]:5000/app", "[::1]:5000 app"),
            ("[2001:db8::1]/app", "[2001:db8::1] app"),
            ("HOST/app", "HOST app"),
            ("my_host.example/app", "my_host.example app"),
            ("a__b/c.d/e---f", "docker.io a__b/c.d/e---f"),
        ] {
            assert_eq!(name(text), expected, "{text}");
        }
    }

    #[test]
    fn whether_the_registry_is_written_is_kept() {
        let written = |text| ImageReference::parse(text).is_some_and(|image| image.explicit_registry);
        assert!(!written("nginx") && !written("team/app:1"));
        assert!(written("docker.io/nginx") && written("index.docker.io/nginx") && written("localhost/app"));
    }

    #[test]
    fn ranges_point_at_the_parts() {
        let text = format!("host.example:5000/team/app:v1.2@sha256:{}", "ab".repeat(32));
        let image = ImageReference::parse(&text).unwrap();
        assert_eq!(slice(&text, image.name_at), "host.example:5000/team/app");
        assert_eq!(slice(&text, image.tag_at), "v1.2");
        assert_eq!(Some(slice(&text, image.digest_at)), image.digest.as_deref());
    }

    #[test]
    fn parts_that_are_not_written_are_empty_where_they_would_go() {
        let image = ImageReference::parse("nginx").unwrap();
        assert_eq!((image.tag_at, image.digest_at), (Span::new(5, 5), Span::new(5, 5)));
        let image = ImageReference::parse("nginx:1").unwrap();
        assert_eq!((image.tag_at, image.digest_at), (Span::new(6, 7), Span::new(7, 7)));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let _ = ImageReference::parse(&text);
        }

        #[test]
        fn what_is_read_can_be_sliced_again(text in "[a-zA-Z0-9.:/_@\\[\\]-]{0,40}(:[a-z0-9.]{1,5})?(@sha256:[0-9a-f]{64})?") {
            if let Some(image) = ImageReference::parse(&text) {
                prop_assert_eq!(slice(&text, image.tag_at), image.tag.as_deref().unwrap_or(""));
                prop_assert_eq!(slice(&text, image.digest_at), image.digest.as_deref().unwrap_or(""));
                let last = image.repository.rsplit('/').next().unwrap_or("");
                prop_assert!(slice(&text, image.name_at).ends_with(last));
            }
        }

        #[test]
        fn the_full_form_reads_as_the_same_image(text in "([a-z]{1,4}(\\.[a-z]{1,3})?(:[0-9]{1,4})?/)?[a-z0-9]{1,5}(/[a-z]{1,5})?") {
            let image = ImageReference::parse(&text).unwrap();
            let full = ImageReference::parse(&format!("{}/{}", image.registry, image.repository)).unwrap();
            prop_assert_eq!((full.registry, full.repository), (image.registry, image.repository));
        }
    }
}
