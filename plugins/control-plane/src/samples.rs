//! Manifests for tests. No rule belongs here.

/// A pod with one container of these fields.
pub(crate) fn container(fields: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: etcd}}\nspec: {{containers: [{{name: a, {fields}}}]}}\n")
}

/// A pod that runs a program with arguments.
pub(crate) fn pod(program: &str, arguments: &[&str]) -> String {
    let lines: String = arguments.iter().map(|argument| format!("        - {argument}\n")).collect();
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {program}}}\nspec:\n  containers:\n    - name: a\n      command:\n        - {program}\n{lines}"
    )
}

/// A configuration of the kubelet with these lines.
pub(crate) fn kubelet(lines: &str) -> String {
    format!("apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n{lines}\n")
}
