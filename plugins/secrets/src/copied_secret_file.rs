use hullmark_sdk::prelude::*;

rule! {
    /// A file that by its name holds a secret is copied into the image.
    ///
    /// ## What it checks
    ///
    /// Sources of `COPY` and `ADD` from the build context, in the final stage and in those that it is built from: private keys (`id_rsa`, `*.key`, `*-key.pem`, `*.p12`, `*.pfx`, `*.ppk`), `.env` and its variants, and the files in which tools keep passwords (`.npmrc`, `.pypirc`, `.netrc`, `.git-credentials`, `.aws/credentials`, `.docker/config.json`, `kubeconfig`); and files that are copied to the path in a variable for credentials, as to `$AWS_CONFIG_FILE`.
    ///
    /// ## Why it matters
    ///
    /// A file in a layer can be read by everyone who can pull the image, even after a later layer removes it.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// COPY .npmrc package.json ./
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// COPY package.json .env.example ./
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give the file to the `RUN` that needs it with `--mount=type=secret`, or mount it when the container starts.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/secrets/>
    tags: &["security", "external/cwe/cwe-538"],
    security_severity: Some("7.0"),
    precision: Medium,
    aliases: &["DS-0031"],
    checks: &[Dockerfile(file)],
    references: &["https://docs.docker.com/build/building/secrets/"],
}

/// Names of files that hold secrets.
const NAMES: [&str; 14] = [
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    ".env",
    ".npmrc",
    ".pypirc",
    ".netrc",
    "_netrc",
    ".git-credentials",
    ".dockercfg",
    ".dockerconfigjson",
    "kubeconfig",
    ".pgpass",
];

/// Names that hold secrets in one folder only.
const PATHS: [&str; 3] = [".aws/credentials", ".docker/config.json", ".kube/config"];

/// Variables that say where a program looks for its credentials.
const VARIABLES: [&str; 4] =
    ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "HF_TOKEN_PATH", "GOOGLE_APPLICATION_CREDENTIALS"];

/// Endings of files that hold private keys.
const ENDINGS: [&str; 6] = [".key", ".p12", ".pfx", ".ppk", "-key.pem", "_key.pem"];

/// Last parts of variants of `.env` that hold no real values.
const EXAMPLES: [&str; 7] = ["example", "sample", "template", "dist", "defaults", "test", "schema"];

fn file(file: &Dockerfile, report: &mut Report) {
    let Some(last) = file.final_stage() else { return };
    for instruction in last.lineage().flat_map(Stage::instructions) {
        if matches!(instruction.name(), "COPY" | "ADD") && instruction.flag("from").is_none() {
            copied(&instruction, report);
        }
    }
}

fn copied(instruction: &Instruction, report: &mut Report) {
    let mut sources: Vec<Node> = instruction.arguments().collect();
    // The last one is the destination.
    let Some(destination) = sources.pop() else { return };
    let of_destination = instruction.references().filter(|reference| reference.node == destination);
    let variable = of_destination.map(|reference| reference.name).find(|name| VARIABLES.contains(name));
    for source in sources {
        let Some(path) = source.value() else { continue };
        if holds_secret(path) {
            let message = format!("`{path}` looks like a file with a secret and becomes part of the image");
            report.finding(source, message).aliases(if variable.is_some() { &["DS-0031"] } else { &[] });
        } else if let Some(variable) = variable {
            report.finding(source, format!("`{path}` is copied to `${variable}`, the place for credentials"));
        }
    }
}

fn holds_secret(path: &str) -> bool {
    // What comes from elsewhere, or stands in the Dockerfile itself, is public to whoever builds.
    if path.contains("://") || path.starts_with("<<") {
        return false;
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let below =
        |wanted: &str| path.strip_suffix(wanted).is_some_and(|folder| folder.is_empty() || folder.ends_with('/'));
    NAMES.contains(&name)
        || PATHS.into_iter().any(below)
        || ENDINGS.into_iter().any(|ending| name.ends_with(ending)) && !name.contains("pub")
        || name
            .strip_prefix(".env.")
            .is_some_and(|variant| !EXAMPLES.contains(&variant.rsplit('.').next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn public_halves_certificates_and_examples_are_accepted() {
        let text =
            "FROM a\nCOPY id_rsa.pub ca.pem public.key .env.example .env.local.sample environment config.json /b/\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn the_destination_does_not_count() {
        assert_eq!(dockerfile(&RULE, "FROM a\nCOPY defaults .env\n"), [""; 0]);
    }

    #[test]
    fn what_comes_from_elsewhere_is_passed_over() {
        assert_eq!(
            dockerfile(&RULE, "FROM a\nADD https://example.com/repo.key /etc/\nCOPY --from=b /x.key /\n"),
            [""; 0]
        );
    }

    #[test]
    fn stages_that_are_left_behind_are_passed_over() {
        assert_eq!(dockerfile(&RULE, "FROM a AS b\nCOPY .npmrc /\nFROM c\nCOPY --from=b /app /app\n"), [""; 0]);
    }

    #[test]
    fn files_at_the_place_for_credentials_are_flagged() {
        let text = "FROM a\nENV AWS_CONFIG_FILE=/a/b HF_TOKEN_PATH=/c\nCOPY x $AWS_CONFIG_FILE\nCOPY y ${HF_TOKEN_PATH}\nCOPY z /d\n";
        assert_eq!(dockerfile(&RULE, text), ["x", "y"]);
    }

    #[test]
    fn files_with_secrets_are_flagged() {
        let text = "FROM a AS b\nCOPY [\".npmrc\", \"/\"]\nFROM b\nCOPY home/.aws/credentials tls-key.pem .env.production /c/\n";
        let found = dockerfile(&RULE, text);
        assert_eq!(found, ["home/.aws/credentials", "tls-key.pem", ".env.production", "\".npmrc\""]);
    }
}
