use hullmark_sdk::prelude::*;

rule! {
    /// `npm install` may install other versions than those of the lock file.
    ///
    /// ## What it checks
    ///
    /// `npm install` in `RUN` without names of packages, also through `sudo`, `env` and the like.
    ///
    /// ## Why it matters
    ///
    /// An image must hold the versions that were tested. `npm ci` installs those of the lock file, or fails.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM registry.acme.example/library/node:22.21.1
    /// RUN npm install --omit=dev
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM registry.acme.example/library/node:22.21.1
    /// RUN npm ci --omit=dev
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `npm ci`, and commit the lock file.
    ///
    /// ## Options
    ///
    /// - `stages` (default: `all`): which stages are looked at: `all`, those that the final stage needs (`shipped`), or only
    ///   the last one (`final`).
    ///
    /// ## References
    ///
    /// - <https://docs.npmjs.com/cli/v11/commands/npm-ci>
    tags: &["reproducibility"],
    references: &["https://docs.npmjs.com/cli/v11/commands/npm-ci"],
    options: &[OptionSpec::STAGES],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let npm = command.unwrapped();
    let mut words = npm.arguments();
    let Some(install) = words.next().filter(|word| matches!(word.text(), Some("install" | "i"))) else { return };
    if npm.name() != Some("npm") || words.next().is_some() || npm.has_flag(&["-g", "--global"]) {
        return;
    }
    if command.instruction().name() != "RUN" {
        return;
    }
    let text = if command.is_exec_form() { "\"ci\"" } else { "ci" };
    let message = format!("`npm {}` may install other versions than those of the lock file", install.raw());
    report.finding(install, message).fix(Fix::needs_review("use `npm ci`").replace(install, text));
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn packages_by_name_are_accepted() {
        for run in ["npm ci", "npm install a", "npm install -g", "npm run install", "echo npm install"] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn it_is_found_wherever_it_stands() {
        let text = "FROM x\nRUN cd /app \\\n && sudo npm --silent install\nRUN [\"npm\", \"i\"]\n";
        assert_eq!(dockerfile(&RULE, text), ["install", "\"i\""]);
        let fixed = Trial::of(&RULE).fixed("Dockerfile", text);
        assert_eq!(fixed, "FROM x\nRUN cd /app \\\n && sudo npm --silent ci\nRUN [\"npm\", \"ci\"]\n");
    }
}
