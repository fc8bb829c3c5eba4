//! Paths say where findings are reported; `--scope` alone says what rules that compare files see.

use super::repo::Repo;

/// A Service whose target port no container has.
const SERVICE: &str = "apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: https}]
";

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx:1.27.2
          ports: [{name: http, containerPort: 80}]
";

const WRONG_PORT: &str = "k8s/service.yaml:6:34 network/unknown-target-port";

fn repo() -> Repo {
    Repo::new(&[("k8s/service.yaml", SERVICE), ("apps/deployment.yaml", DEPLOYMENT)])
}

fn ports(repo: &Repo, arguments: &str) -> Vec<String> {
    repo.findings(&format!("--select network/unknown-target-port {arguments}"))
}

#[test]
fn a_file_named_alone_gets_the_verdicts_of_a_whole_run() {
    let repo = repo();
    assert_eq!(ports(&repo, ""), [WRONG_PORT]);
    assert_eq!(ports(&repo, "k8s/service.yaml"), [WRONG_PORT]);
    assert_eq!(ports(&repo, "k8s"), [WRONG_PORT]);
    assert_eq!(ports(&repo, "apps"), [""; 0], "the finding is reported where the fault is");
    let all = repo.findings("");
    let of_service = all.iter().filter(|finding| finding.starts_with("k8s/service.yaml"));
    assert_eq!(repo.findings("k8s/service.yaml"), of_service.cloned().collect::<Vec<_>>());
}

#[test]
fn the_scope_of_a_run_is_what_it_is_given() {
    let repo = repo();
    assert_eq!(ports(&repo, "--scope run k8s"), [""; 0]);
    assert_eq!(ports(&repo, "--scope run k8s apps"), [WRONG_PORT]);
    assert_eq!(ports(&repo, "--scope run"), [WRONG_PORT]);
}

#[test]
fn the_scope_of_a_directory_is_its_files_also_those_that_are_not_named() {
    let repo = repo();
    assert_eq!(ports(&repo, "--scope directory"), [""; 0]);
    repo.write("k8s/deployment.yaml", DEPLOYMENT);
    assert_eq!(ports(&repo, "--scope directory"), [WRONG_PORT]);
    assert_eq!(ports(&repo, "--scope directory k8s/service.yaml"), [WRONG_PORT]);
}

#[test]
fn standard_input_is_seen_in_the_place_of_its_file() {
    let repo = repo();
    let arguments = "check - --format json --select network/unknown-target-port --stdin-filename k8s/service.yaml";
    assert_eq!(repo.run_on(SERVICE, arguments).findings(), [WRONG_PORT]);
    let mended = SERVICE.replace("https", "http");
    assert_eq!(repo.run_on(&mended, arguments).findings(), [""; 0]);
}

#[test]
fn a_patch_named_alone_is_not_blamed_for_what_it_leaves_out() {
    let kustomization = "resources: [../apps/deployment.yaml]\npatches: [{path: patch.yaml}]\n";
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3, template: {spec: {containers: [{name: web}]}}}\n";
    let repo = repo();
    repo.write("overlay/patch.yaml", patch);
    assert!(!repo.findings("overlay/patch.yaml").is_empty(), "without a kustomization it is a Deployment");
    repo.write("overlay/kustomization.yaml", kustomization);
    for scope in ["root", "run", "directory"] {
        assert_eq!(repo.findings(&format!("overlay/patch.yaml --scope {scope}")), [""; 0], "{scope}");
    }
}

#[test]
fn the_namespace_of_a_kustomization_holds_for_its_files() {
    for name in ["kustomization.yaml", "kustomization.yml", "Kustomization"] {
        let repo = repo();
        repo.write(&format!("shop/{name}"), "namespace: staging\nresources: [../apps/deployment.yaml]\n");
        let run = repo.run("check apps --format json --scope run");
        assert_eq!(run.json()["findings"][0]["object"]["namespace"], "staging", "{name}");
    }
}
