use hullmark_sdk::prelude::*;

use crate::words::sources_and_destination;
use crate::{program, shipping};

rule! {
    /// Files are copied, and then given to another user in a second layer.
    ///
    /// ## What it checks
    ///
    /// `chown -R` in `RUN` of a folder or file that a `COPY` or `ADD` of the same stage brought, without `--chown`, where the stage
    /// is part of the image. Nothing is said where other files may lie there: the stage is built from another one, a step
    /// before it runs in the folder or names it, or the folder belongs to the system and so to the base image.
    ///
    /// ## Why it matters
    ///
    /// A layer that changes the owner of a file holds the whole file again, so these files are in the image twice.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN useradd --uid 10001 app
    /// COPY dist /app
    /// RUN chown -R app:app /app
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN useradd --uid 10001 app
    /// COPY --chown=app:app dist /app
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `--chown` at the `COPY`. A folder that `WORKDIR` made stays root's: let the user who must write into it make it,
    /// or change the owner of it alone, without `-R`.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#copy---chown---chmod>
    level: Note,
    precision: High,
    tags: &["size"],
    references: &["https://docs.docker.com/reference/dockerfile/#copy---chown---chmod"],
    checks: &[Command(command)],
}

/// Programs that bring no files into a folder that they do not name.
const ELSEWHERE: [&str; 22] = [
    ":", "[", "addgroup", "adduser", "apk", "apt-get", "chgrp", "chmod", "chown", "dnf", "echo", "export", "groupadd",
    "groupmod", "microdnf", "rm", "set", "test", "true", "useradd", "usermod", "yum",
];
/// Of these, what they name does not become more.
const HARMLESS: [&str; 6] = ["[", "chgrp", "chmod", "chown", "rm", "test"];
/// Folders that base images fill, and what in them is the application's own.
const SYSTEM: [&str; 11] =
    ["/bin", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root", "/sbin", "/sys", "/usr", "/var"];
const OWN: [&str; 2] = ["/usr/src", "/var/www"];

fn command(command: &Command, report: &mut Report) {
    let chown = command.unwrapped();
    if chown.name() != Some("chown") || !chown.has_flag(&["-R", "--recursive"]) {
        return;
    }
    let certain = !command.is_in_branch() && !command.is_in_loop() && !command.is_in_function();
    let Some(stage) = command.stage().filter(shipping::is_in_image) else { return };
    if !certain || !program::is_in_run(command) || program::is_deferred(command) || stage.parent().is_some() {
        return;
    }
    let operands: Vec<Word> = chown.arguments().collect();
    for path in operands.iter().skip(1) {
        let copies = brought(&stage, command, path);
        let Some(last) = copies.last() else { continue };
        let message = format!("`{}` was copied, and is in the image a second time with its new owner", path.raw());
        let finding = report.finding(*path, message);
        finding.related(last.place(), "copied here");
        if let (Some(fix), [_, _]) = (fix(command, operands[0], &copies), &operands[..]) {
            finding.fix(fix);
        }
    }
}

/// The instructions that copied all that lies under a path, as far as the file tells; nothing where it does not.
fn brought<'a>(stage: &Stage<'a>, chown: &Command<'a>, path: &Word) -> Vec<Instruction<'a>> {
    let run = chown.instruction().node();
    let before = || stage.instructions().take_while(|instruction| instruction.node() != run);
    let last_folder = before().fold(None, |folder, instruction| enter(folder, &instruction));
    let path = path.resolved().and_then(|path| join(last_folder.as_deref(), path));
    let Some(path) = path.filter(|path| is_own(path)) else { return Vec::new() };
    let mut folder = None;
    let mut copies = Vec::new();
    for instruction in before() {
        let mut commands = instruction.commands().filter(|_| instruction.name() == "RUN");
        if commands.any(|command| may_write(&command, folder.as_deref(), &path)) {
            return Vec::new();
        }
        if copies_to(&instruction, folder.as_deref()).is_some_and(|to| lies_in(&to, &path)) {
            if instruction.flag("chown").is_some() {
                return Vec::new();
            }
            copies.push(instruction);
        }
        folder = enter(folder, &instruction);
    }
    if chown.before().any(|command| may_write(&command, folder.as_deref(), &path)) {
        return Vec::new();
    }
    copies
}

/// Whether a path is that of an application, and not of the system.
fn is_own(path: &str) -> bool {
    let below = |root: &&str| lies_in(path, root);
    path != "/" && (!SYSTEM.iter().any(below) || OWN.iter().any(|root| lies_in(path, root) && path != *root))
}

/// Whether a command may bring files into the folder.
fn may_write(command: &Command, folder: Option<&str>, path: &str) -> bool {
    let Some(name) = command.unwrapped().name() else { return true };
    if !command.script().is_understood() {
        return true;
    }
    let names = |word: Word| word.resolved().unwrap_or_else(|| word.raw()).contains(path);
    let words = command.words().chain(command.redirections().map(Redirection::target));
    let is_named = words.into_iter().any(names) && !HARMLESS.contains(&name);
    let is_inside = folder.is_none_or(|folder| lies_in(folder, path)) && !ELSEWHERE.contains(&name);
    is_named || is_inside
}

/// Whether a path is another one or lies below it.
fn lies_in(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Where a COPY or ADD puts its files.
fn copies_to(instruction: &Instruction, folder: Option<&str>) -> Option<String> {
    if !matches!(instruction.name(), "COPY" | "ADD") {
        return None;
    }
    let (_, destination) = sources_and_destination(instruction)?;
    join(folder, destination.resolved()?)
}

/// The folder after an instruction; nothing where the file does not tell.
fn enter(folder: Option<String>, instruction: &Instruction) -> Option<String> {
    if instruction.name() != "WORKDIR" {
        return folder;
    }
    join(folder.as_deref(), instruction.arguments().next()?.resolved()?)
}

/// A path from the root on, without `.` and a slash at its end.
fn join(folder: Option<&str>, path: &str) -> Option<String> {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", folder?) };
    let parts: Vec<&str> = whole.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    (!parts.contains(&"..")).then(|| format!("/{}", parts.join("/")))
}

/// `--chown` at every COPY instead of a RUN that does nothing else.
fn fix(chown: &Command, owner: Word, copies: &[Instruction]) -> Option<Fix> {
    let run = chown.instruction();
    let owner = owner.text().filter(|owner| *owner == owner.trim() && !owner.is_empty())?;
    let script = chown.script();
    let is_alone = run.commands().count() == 1 && run.heredocs().next().is_none() && run.flags().next().is_none();
    if !is_alone || chown.is_exec_form() || script.place().span != chown.whole_place().span {
        return None;
    }
    let first = copies.first()?;
    let stage = chown.stage()?;
    let between = stage.instructions().skip_while(|instruction| instruction.node() != first.node());
    // A user whom a step between makes does not exist yet where the files are copied.
    if between.take_while(|between| between.node() != run.node()).any(|between| between.name() == "RUN") {
        return None;
    }
    let document = run.node().document();
    let end = script.place().span.end;
    let line_end = u32::from(document.text().as_bytes().get(end as usize) == Some(&b'\n'));
    let whole = document.place(Span::new(run.place().span.start, end + line_end));
    let fix = Fix::needs_review(format!("copy with `--chown={owner}`")).replace(whole, "");
    Some(copies.iter().fold(fix, |fix, copy| fix.insert_after(copy.place(), format!(" --chown={owner}"))))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn a_folder_with_other_files_is_fine() {
        for text in [
            "FROM x\nCOPY a /app\nRUN chown me /app\n",
            "FROM x\nCOPY --chown=me a /app\nRUN chown -R me /app\n",
            "FROM x\nCOPY a /app\nRUN make -C /app && chown -R me /app\n",
            "FROM x\nWORKDIR /app\nCOPY a .\nRUN npm ci\nRUN chown -R me /app\n",
            "FROM x\nWORKDIR /app\nCOPY a .\nRUN npm ci && chown -R me .\n",
            "FROM x\nCOPY a /app/a\nRUN mkdir /app/b && chown -R me /app\n",
            "FROM x\nCOPY a /app\nRUN chown -R me /data\n",
            "FROM x\nCOPY a /etc/nginx/\nRUN chown -R me /etc/nginx\n",
            "FROM x AS y\nFROM y\nCOPY a /app\nRUN chown -R me /app\n",
            "FROM x AS y\nCOPY a /app\nRUN chown -R me /app\nFROM x\nCOPY --from=y /app /app\n",
            "FROM x\nRUN make\nCOPY a $APP\nRUN chown -R me $APP\n",
        ] {
            assert_eq!(dockerfile(&RULE, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_was_only_copied_is_flagged() {
        let text = "FROM x\nWORKDIR /src\nRUN useradd me\nENV APP=/app\nCOPY a $APP/a\nADD b /app/\nRUN adduser you && chown -Rf me:me /app /data\n";
        assert_eq!(dockerfile(&RULE, text), ["/app"]);
        assert_eq!(dockerfile(&RULE, "FROM x\nWORKDIR /usr/src/app\nCOPY . .\nRUN chown --recursive 1 .\n"), ["."]);
    }

    #[test]
    fn the_fix_is_an_option_of_copy() {
        let fixed = |text: &str| Trial::of(&RULE).fixed("Dockerfile", text);
        let text = "FROM x\nWORKDIR /b\nCOPY a /app\nADD b /app/b\nRUN chown -R 10001 /app\nUSER 10001\n";
        let wanted = "FROM x\nWORKDIR /b\nCOPY --chown=10001 a /app\nADD --chown=10001 b /app/b\nUSER 10001\n";
        assert_eq!(fixed(text), wanted);
        let text = "FROM x\nWORKDIR /b\nCOPY a /app\nRUN useradd me\nRUN chown -R me /app\n";
        assert_eq!(fixed(text), text);
    }
}
