//! Paths of the node that a pod has as volumes, and where its containers mount them. No rule belongs here.

use hullmark_sdk::prelude::*;

/// A volume that is a path of the node.
pub(crate) struct HostPath<'a> {
    /// The path as it is written.
    pub(crate) node: Node<'a>,
    /// The path without the slash at its end.
    pub(crate) path: &'a str,
    /// Who mounts it, with the entry of `volumeMounts`.
    pub(crate) mounts: Vec<(Container<'a>, Node<'a>)>,
}

impl<'a> HostPath<'a> {
    /// The volumes of a pod that are paths of its node.
    pub(crate) fn all(pod: &Pod<'a>) -> impl Iterator<Item = Self> + use<'a> {
        let pod = *pod;
        let volumes = pod.get("volumes").into_iter().flat_map(Node::items);
        volumes.filter_map(move |volume| {
            let node = volume.at(&["hostPath", "path"])?;
            let written = node.text()?;
            let path = Some(written.trim_end_matches('/')).filter(|path| !path.is_empty()).unwrap_or("/");
            let name = volume.get("name").and_then(Node::text);
            Some(Self { node, path, mounts: mounts(pod, name) })
        })
    }

    /// Reports what a pod can do with it: where a container mounts it, or at the path where none does. The aliases are
    /// those of tools that look for mounts, and of tools that report a volume once whether it is mounted or not.
    pub(crate) fn report(
        &self,
        pod: &Pod,
        report: &mut Report,
        danger: &str,
        by_mount: &[&'static str],
        by_volume: &[&'static str],
    ) {
        let written = self.node.text().unwrap_or_default();
        if self.mounts.is_empty() {
            let message =
                format!("{} has the path `{written}` of its node as a volume, {danger}", pod.object().title());
            report.finding(self.node, message).aliases(by_volume);
        }
        for (number, (container, mount)) in self.mounts.iter().enumerate() {
            let message = format!("{} mounts `{written}` of its node, {danger}", container.title());
            let mut aliases = by_mount.to_vec();
            if number == 0 {
                aliases.extend(by_volume);
            }
            let finding = report.finding(mount.get("name").unwrap_or(*mount), message);
            finding.related(self.node, "the path of the node").aliases(&aliases);
        }
    }
}

fn mounts<'a>(pod: Pod<'a>, volume: Option<&str>) -> Vec<(Container<'a>, Node<'a>)> {
    let mounts = pod.containers().flat_map(|container| {
        let mounts = container.get("volumeMounts").into_iter().flat_map(Node::items);
        mounts.map(move |mount| (container, mount))
    });
    mounts.filter(|(_, mount)| volume.is_some() && mount.get("name").and_then(Node::text) == volume).collect()
}
