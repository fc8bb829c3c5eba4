//! The page of `--format html` in a browser, where the machine has one: `.ci/run` sees to that.

use std::path::Path;
use std::process::{Command, Stdio};

use super::repo::{GOOD, Repo};
use super::tools;

/// Types into the box, clicks on levels and bars, and leaves what the page says each time in the title.
const VISITOR: &str = r#"<script>
const box = document.querySelector("[type=search]");
const said = [];
const say = () => said.push(document.querySelector("output").value);
const type = text => { box.value = text; box.dispatchEvent(new Event("input", {bubbles: true})); say(); };
["", "K8S/ latest", "two words", "dl3007", "/dockerfile"].forEach(type);
type("");
document.querySelector("[value=warning]").click(); say();
document.querySelector("[value=warning]").click();
document.querySelector("[data-filter='a/']").click(); say();
said.push(box.value, document.querySelectorAll(".file:not([hidden])").length);
document.title = said.join("; ");
</script>"#;

/// The page after its scripts have run.
fn visited(browser: &Path, repo: &Repo) -> String {
    let done = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .arg(format!("--user-data-dir={}", repo.path("profile").display()))
        .arg(format!("file://{}", repo.path("page.html").display()))
        .stderr(Stdio::null())
        .output();
    String::from_utf8(done.unwrap().stdout).unwrap()
}

#[test]
fn the_page_filters_by_words_levels_and_bars() {
    let Some(browser) = tools::browser() else { return };
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: nginx:latest}]}\n";
    let repo = Repo::new(&[("Dockerfile", GOOD), ("a/Dockerfile", GOOD), ("k8s/pod.yaml", pod)]);
    let page = repo.run("check --select image/latest-tag --format html").out;
    repo.write("page.html", page.replace("</body>", &format!("{VISITOR}</body>")));
    let page = visited(&browser, &repo);
    let title = page.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
    let want =
        "3 shown; 1 of 3 shown; 0 of 3 shown; 2 of 3 shown; 2 of 3 shown; 3 shown; 0 of 3 shown; 1 of 3 shown; a/; 1";
    assert_eq!(title, Some(want), "{page}");
}
