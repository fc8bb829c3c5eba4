//! Which containers run what the Dockerfiles of the project build, as far as names tell.

use std::collections::HashMap;
use std::sync::Arc;

use super::project::whole;
use super::{Document, ImageReference, Language, NodeId};

/// Containers of the project and the Dockerfiles that build their images, in columns; the fields are those of
/// `project-builds` in the plugin interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectBuilds {
    /// Ids of the Dockerfiles.
    pub dockerfiles: Vec<u32>,
    /// Ids of the manifests.
    pub documents: Vec<u32>,
    /// Indexes among the containers of the manifest.
    pub containers: Vec<u32>,
}

/// How well a Dockerfile's path tells the name of its image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Telling {
    /// `web/Dockerfile`, `Dockerfile.web`, `web.Dockerfile`.
    Plainly,
    /// `web/Dockerfile.prod`: a variant of what the folder holds.
    AsVariant,
}

/// The containers whose image a Dockerfile builds. `declared` holds repositories with the paths of their Dockerfiles, for
/// what names do not tell; else the last part of an image's repository must be the folder or the suffix of one Dockerfile
/// alone, and that Dockerfile must not start from the same repository: what it builds has another name then.
pub(super) fn builds(documents: &[Arc<Document>], declared: &[(&str, &str)]) -> ProjectBuilds {
    let mut found = ProjectBuilds::default();
    let by_name = by_name(documents);
    let at_path = |path: &str| {
        let is_at = |document: &Arc<Document>| is_dockerfile(document) && document.source.path() == path;
        documents.iter().position(is_at).map(|id| id as u32)
    };
    let declared: HashMap<String, Option<u32>> = declared
        .iter()
        .filter_map(|(image, path)| Some((name(&ImageReference::parse(image)?), at_path(path))))
        .collect();
    if by_name.is_empty() && declared.is_empty() {
        return found;
    }
    for (id, document) in whole(documents) {
        for (index, &container) in document.pods.container_nodes.iter().enumerate() {
            let Some(image) = image(document, container) else { continue };
            let dockerfile = match declared.get(&name(&image)) {
                Some(declared) => *declared,
                None => by_name
                    .get(last_part(&image.repository))
                    .and_then(|builders| sole(builders))
                    .filter(|&file| !starts_from(&documents[file as usize], &image)),
            };
            let Some(dockerfile) = dockerfile else { continue };
            found.dockerfiles.push(dockerfile);
            found.documents.push(id);
            found.containers.push(index as u32);
        }
    }
    found
}

fn is_dockerfile(document: &Document) -> bool {
    document.language == Language::Dockerfile
}

/// Registry and repository, with what Docker adds where they are not written.
fn name(image: &ImageReference) -> String {
    format!("{}/{}", image.registry, image.repository)
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn image(document: &Document, container: NodeId) -> Option<ImageReference> {
    ImageReference::parse(document.tree.text(document.tree.get(container, "image")?)?)
}

/// Dockerfiles by the names that their paths tell, the plainer ones first.
fn by_name(documents: &[Arc<Document>]) -> HashMap<String, Vec<(Telling, u32)>> {
    let mut by_name: HashMap<String, Vec<(Telling, u32)>> = HashMap::new();
    for (id, document) in (0..).zip(documents).filter(|(_, document)| is_dockerfile(document)) {
        for (name, telling) in names(&document.source.path().to_ascii_lowercase()) {
            by_name.entry(name.to_owned()).or_default().push((telling, id));
        }
    }
    by_name.values_mut().for_each(|builders| builders.sort_unstable());
    by_name
}

/// The names that a path in small letters tells. The folder of the root has none: a clone may have any.
fn names(path: &str) -> impl Iterator<Item = (&str, Telling)> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let (folder, is_plain) = (last_part(folder), matches!(file, "dockerfile" | "containerfile"));
    let of_folder = (folder, if is_plain { Telling::Plainly } else { Telling::AsVariant });
    let affix = ["dockerfile.", "containerfile."].into_iter().find_map(|prefix| file.strip_prefix(prefix));
    let affix = affix.or_else(|| file.strip_suffix(".dockerfile")).or_else(|| file.strip_suffix(".containerfile"));
    [Some(of_folder), affix.map(|affix| (affix, Telling::Plainly))]
        .into_iter()
        .flatten()
        .filter(|(name, _)| !name.is_empty())
}

/// The one that tells the name most plainly, where no other does so as well.
fn sole(builders: &[(Telling, u32)]) -> Option<u32> {
    match builders {
        [(_, only)] => Some(*only),
        [(best, first), (next, _), ..] if best < next => Some(*first),
        _ => None,
    }
}

/// Whether a stage stands on an image of the same repository, whatever its registry: mirrors are common.
fn starts_from(dockerfile: &Document, image: &ImageReference) -> bool {
    let stages = &dockerfile.stages;
    let bases = stages.bases.iter().filter_map(|&base| ImageReference::parse(stages.strings.get(base)?));
    bases.into_iter().any(|base| last_part(&base.repository) == last_part(&image.repository))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::manifest;
    use super::super::{Source, parse_dockerfile};
    use super::*;

    /// Paths of the Dockerfiles that build an image, in a project of these Dockerfiles.
    fn built(image: &str, dockerfiles: &[(&str, &str)], declared: &[(&str, &str)]) -> Vec<String> {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a"}, {"image": image}]}});
        let dockerfile = |(path, text): &(&str, &str)| {
            parse_dockerfile(&Arc::new(Source::new(*path, text.as_bytes().to_vec()))).documents.remove(0)
        };
        let documents: Vec<Arc<Document>> =
            [manifest("pod.yaml", &pod)].into_iter().chain(dockerfiles.iter().map(dockerfile)).map(Arc::new).collect();
        let found = builds(&documents, declared);
        assert!(found.documents.iter().all(|&id| id == 0) && found.containers.iter().all(|&index| index == 1));
        found.dockerfiles.iter().map(|&id| documents[id as usize].source.path().to_owned()).collect()
    }

    const DEBIAN: &str = "FROM debian:12\n";

    #[test]
    fn what_no_dockerfile_or_more_than_one_builds_is_unknown() {
        assert_eq!(built("web", &[], &[]), [""; 0]);
        assert_eq!(built("web", &[("Dockerfile", DEBIAN), ("api/Dockerfile", DEBIAN)], &[]), [""; 0]);
        assert_eq!(built("web", &[("a/web/Dockerfile", DEBIAN), ("b/web/Dockerfile", DEBIAN)], &[]), [""; 0]);
        assert_eq!(built("web", &[("web/Dockerfile.dev", DEBIAN), ("web/Dockerfile.prod", DEBIAN)], &[]), [""; 0]);
        assert_eq!(built("$IMAGE", &[("web/Dockerfile", DEBIAN)], &[]), [""; 0]);
    }

    #[test]
    fn an_image_that_a_dockerfile_starts_from_is_not_what_it_builds() {
        assert_eq!(built("nginx:1.29", &[("nginx/Dockerfile", "FROM nginx:1.29\n")], &[]), [""; 0]);
        let mirrored = "FROM debian:12 AS build\nFROM mirror.example/library/nginx:1.29\n";
        assert_eq!(built("nginx:1.29", &[("nginx/Dockerfile", mirrored)], &[]), [""; 0]);
    }

    #[test]
    fn the_last_part_of_the_repository_is_the_folder_or_the_suffix() {
        for path in ["web/Dockerfile", "services/web/Containerfile", "build/Dockerfile.web", "Web.dockerfile"] {
            let image = "registry.example:5000/acme/web:2@sha256:".to_owned() + &"0".repeat(64);
            assert_eq!(built(&image, &[(path, DEBIAN)], &[]), [path]);
        }
        let variants = [("web/Dockerfile", DEBIAN), ("web/Dockerfile.dev", DEBIAN)];
        assert_eq!(built("acme/web", &variants, &[]), ["web/Dockerfile"]);
        assert_eq!(built("acme/web", &variants[1..], &[]), ["web/Dockerfile.dev"]);
    }

    #[test]
    fn a_declared_dockerfile_wins() {
        let dockerfiles = [("Dockerfile", DEBIAN), ("web/Dockerfile", DEBIAN)];
        let declared = [("ghcr.io/acme/web", "Dockerfile")];
        assert_eq!(built("ghcr.io/acme/web:3", &dockerfiles, &declared), ["Dockerfile"]);
        assert_eq!(built("acme/web:3", &dockerfiles, &declared), ["web/Dockerfile"]);
        assert_eq!(built("acme/web:3", &dockerfiles, &[("acme/web", "nowhere")]), [""; 0]);
    }
}
