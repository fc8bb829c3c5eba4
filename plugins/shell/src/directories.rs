//! Folders without which a Linux system is broken, or that hold what is not one program's alone.

/// Folders without which nothing, or almost nothing, runs.
const VITAL: [&str; 16] = [
    "/",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/proc",
    "/sbin",
    "/sys",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/sbin",
    "/var",
];

/// Folders that programs and people share.
const SHARED: [&str; 5] = ["/home", "/media", "/mnt", "/usr/local", "/usr/share"];

/// A path without slashes that mean nothing, and without a last part that stands for all in a folder.
fn tidied(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.last().is_some_and(|last| last.bytes().all(|byte| byte == b'*')) {
        parts.pop();
    }
    format!("/{}", parts.join("/"))
}

/// The vital folder that a path names, or all of whose content it names.
pub(crate) fn vital(path: &str) -> Option<&'static str> {
    find(&VITAL, path)
}

/// The shared folder that a path names, or all of whose content it names.
pub(crate) fn shared(path: &str) -> Option<&'static str> {
    find(&SHARED, path)
}

fn find(folders: &[&'static str], path: &str) -> Option<&'static str> {
    let path = path.starts_with('/').then(|| tidied(path))?;
    folders.iter().copied().find(|folder| *folder == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_known_in_every_way_to_write_them() {
        for path in ["/usr", "/usr/", "//usr/*", "/./usr/**", "/usr/."] {
            assert_eq!(vital(path), Some("/usr"), "{path}");
        }
        assert_eq!((vital("/"), vital("/*"), shared("/home/")), (Some("/"), Some("/"), Some("/home")));
        for path in ["usr", "/usr/x", "/usr/*.d", "/tmp", "", "/opt/*"] {
            assert_eq!((vital(path), shared(path)), (None, None), "{path}");
        }
    }
}
