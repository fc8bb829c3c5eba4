//! The page of `--format html` in a browser, where the machine has one: `.ci/run` sees to that.

use std::io::ErrorKind;
use std::process::{Command, Stdio};

use super::repo::{GOOD, Repo};

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

/// The page after its scripts have run; nothing where there is no browser.
fn visited(repo: &Repo) -> Option<String> {
    for browser in ["chromium", "chromium-browser", "google-chrome"] {
        let done = Command::new(browser)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
            .arg(format!("--user-data-dir={}", repo.path("profile").display()))
            .arg(format!("file://{}", repo.path("page.html").display()))
            .stderr(Stdio::null())
            .output();
        match done {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            done => return Some(String::from_utf8(done.unwrap().stdout).unwrap()),
        }
    }
    None
}

#[test]
fn the_page_filters_by_words_levels_and_bars() {
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: nginx:latest}]}\n";
    let repo = Repo::new(&[("Dockerfile", GOOD), ("a/Dockerfile", GOOD), ("k8s/pod.yaml", pod)]);
    let page = repo.run("check --select image/latest-tag --format html").out;
    repo.write("page.html", page.replace("</body>", &format!("{VISITOR}</body>")));
    let Some(page) = visited(&repo) else { return };
    let title = page.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
    let want =
        "3 shown; 1 of 3 shown; 0 of 3 shown; 2 of 3 shown; 2 of 3 shown; 3 shown; 0 of 3 shown; 1 of 3 shown; a/; 1";
    assert_eq!(title, Some(want), "{page}");
}
