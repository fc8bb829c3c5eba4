//! `--shard` and `merge`: several runs that come to one.

use serde_json::Value;

use super::repo::{GOOD, Repo};

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
          image: nginx:latest
          ports: [{name: http, containerPort: 80}]
";

/// A Service whose fault shows only beside a Deployment in another file, and files with faults of their own.
fn repo() -> Repo {
    let repo = Repo::new(&[("k8s/service.yaml", SERVICE), ("k8s/deployment.yaml", DEPLOYMENT)]);
    for number in 0..8 {
        repo.write(&format!("images/{number}/Dockerfile"), GOOD);
    }
    repo
}

fn findings(repo: &Repo, arguments: &str) -> Vec<Value> {
    let report = repo.run(&format!("check --format json {arguments}")).json();
    report["findings"].as_array().unwrap().clone()
}

#[test]
fn the_parts_of_a_tree_are_exactly_the_whole() {
    let repo = repo();
    for scope in ["root", "run", "directory"] {
        let whole = findings(&repo, &format!("--scope {scope}"));
        assert!(whole.iter().any(|finding| finding["rule"] == "network/unknown-target-port"), "{scope}");
        for count in [1, 3] {
            let part = |index| findings(&repo, &format!("--scope {scope} --shard {index}/{count}"));
            let parts: Vec<Vec<Value>> = (1..=count).map(part).collect();
            assert!(parts.iter().all(|part| !part.is_empty()), "each has something to do");
            let mut union = parts.concat();
            union.sort_by_key(|finding| whole.iter().position(|other| other == finding));
            assert_eq!(union, whole, "{scope} {count}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_told_by_the_part_that_it_is_in() {
    let repo = repo();
    std::os::unix::fs::symlink("nowhere", repo.path("broken.yaml")).unwrap();
    let mut codes = [1, 2, 3].map(|index| repo.run(&format!("check --exit-zero --shard {index}/3")).code);
    codes.sort_unstable();
    assert_eq!(codes, [0, 0, 3]);
}

#[test]
fn merged_parts_are_the_bytes_of_the_whole() {
    let repo = repo();
    std::os::unix::fs::symlink("nowhere", repo.path("broken.yaml")).unwrap();
    for index in 1..=3 {
        repo.run(&format!("check --shard {index}/3 --sarif-category all --output sarif={index}.sarif"));
    }
    let whole = repo.run("check --sarif-category all --format sarif").out;
    let merged = repo.run("merge 3.sarif 1.sarif 2.sarif");
    assert_eq!((merged.code, merged.out.as_str(), merged.err.as_str()), (3, whole.as_str(), ""), "it is incomplete");
    std::fs::remove_file(repo.path("broken.yaml")).unwrap();
    repo.run("check --output sarif=whole.sarif");
    let merged = repo.run("merge whole.sarif --output merged.sarif");
    assert_eq!((merged.code, merged.out.as_str()), (0, ""));
    assert_eq!(repo.read("merged.sarif"), repo.read("whole.sarif"));
}

#[test]
fn what_cannot_be_merged_is_wrong_usage() {
    let repo = repo();
    repo.run("check --output sarif=a.sarif");
    repo.write("corrupt.sarif", &repo.read("a.sarif")[..500]);
    repo.write("other.sarif", r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": []}]}"#);
    for (arguments, words) in [
        ("merge", "required arguments were not provided"),
        ("merge a.sarif corrupt.sarif", "`corrupt.sarif` is no SARIF: EOF while parsing"),
        ("merge other.sarif", "`other.sarif` is no report of hullmark"),
        ("merge a.sarif nowhere.sarif", "`nowhere.sarif` cannot be read"),
        ("merge a.sarif --output k8s", "`k8s` cannot be written: it is a folder"),
        ("check --shard 4/3", "write I/N, as in `2/5`"),
    ] {
        let run = repo.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments}");
        assert!(run.words().contains(words), "{arguments}: {}", run.err);
    }
}
