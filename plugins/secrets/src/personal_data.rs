use hullmark_sdk::prelude::*;

use crate::secret_text::may_be_secret;

rule! {
    /// A ConfigMap holds what tells of a person.
    ///
    /// ## What it checks
    ///
    /// Entries of `data` of every ConfigMap: those whose key is, or ends in, one of the option `names`, and values with a
    /// mail address or an international bank account number. Addresses of the domains that are kept for examples are
    /// accepted, and so is a value that is filled in later. The rule is off unless it is selected: what a person would mind
    /// is hard to tell from a text.
    ///
    /// ## Why it matters
    ///
    /// A ConfigMap is read by many, kept in the history of a repository, and shown on dashboards. The law of many countries
    /// asks where such data is kept, and wants it erased in time.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web
    /// data:
    ///   owner: jane.doe@shop.eu
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web
    /// data:
    ///   owner: team-shop
    ///   sender: noreply@example.com
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take the entry out, or name a role in place of a person. Where it must be there, keep it in a Secret.
    ///
    /// ## Options
    ///
    /// - `names` (default: `username`, `email`, `phone`, `iban`, `passport`): names of what tells of a person.
    ///
    /// ## Other tools
    ///
    /// Trivy takes keys with `key` in them and hash sums for personal data too, which they are not.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/configuration/configmap/>
    level: Note,
    enabled: false,
    tags: &["security", "privacy", "external/cwe/cwe-359"],
    security_severity: Some("4.0"),
    precision: Low,
    aliases: &["KSV-01010"],
    references: &["https://kubernetes.io/docs/concepts/configuration/configmap/"],
    fragments: true,
    options: &[OptionSpec::texts("names", &NAMES, "names of what tells of a person")],
    checks: &[Object(&["ConfigMap"], config_map)],
}

const NAMES: [&str; 5] = ["username", "email", "phone", "iban", "passport"];
/// Domains that are kept for examples.
const EXAMPLES: [&str; 6] = ["example.com", "example.net", "example.org", ".example", ".test", ".invalid"];

fn config_map(map: &Object, report: &mut Report) {
    if !map.group().is_empty() {
        return;
    }
    for (key, value) in map.at(&["data"]).into_iter().flat_map(Node::entries) {
        let Some(text) = value.text().filter(|text| !text.is_empty()) else { continue };
        let lower = key.to_ascii_lowercase().replace(['-', '.'], "_");
        let is_name = |name: &str| {
            lower.strip_suffix(&name.to_ascii_lowercase()).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
        };
        let is_one_line = text.trim_end().lines().count() == 1;
        let is_named = is_one_line && may_be_secret(text) && report.options().texts("names").any(is_name);
        if is_named || words(text).any(|word| is_mail_address(word) || is_bank_account(word)) {
            let message = format!("{} holds what tells of a person as `{key}`", map.title());
            report.finding(value.key_place(), message);
        }
    }
}

/// What stands between blanks, quotes and brackets.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_mark = |letter: char| letter.is_whitespace() || "\"'`<>()[]{},;=".contains(letter);
    text.split(is_mark).map(|word| word.trim_end_matches('.'))
}

fn is_mail_address(word: &str) -> bool {
    let Some((person, domain)) = word.split_once('@') else { return false };
    let is_plain = |text: &str, also: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || also.as_bytes().contains(&byte))
    };
    let ends_in_letters = domain
        .rsplit_once('.')
        .is_some_and(|(_, end)| end.len() >= 2 && end.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let lower = domain.to_ascii_lowercase();
    is_plain(person, "._%+-")
        && is_plain(domain, ".-")
        && ends_in_letters
        && !EXAMPLES.iter().any(|example| lower.ends_with(example))
}

/// Whether a word is an international bank account number: its check digits tell.
fn is_bank_account(word: &str) -> bool {
    let (Some(head), Some(account)) = (word.get(..4), word.get(4..)) else { return false };
    let is_form = head.as_bytes()[..2].iter().all(u8::is_ascii_uppercase)
        && head.as_bytes()[2..].iter().all(u8::is_ascii_digit)
        && (11..=30).contains(&account.len())
        && account.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let rest = account.chars().chain(head.chars()).filter_map(|letter| letter.to_digit(36)).fold(0, |rest, digit| {
        // Letters count as two digits, from 10 on.
        (rest * if digit < 10 { 10 } else { 100 } + digit) % 97
    });
    is_form && rest == 1
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn map(data: &str) -> String {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{{data}}}\n")
    }

    fn flagged(data: &str) -> Vec<String> {
        manifest(&RULE, &map(data))
    }

    #[test]
    fn what_tells_of_nobody_is_accepted() {
        assert_eq!(flagged("key: abc, email-template: x, username: '', phone: '${PHONE}', email: 'true'"), [""; 0]);
        assert_eq!(
            flagged("a: root@localhost, b: 'git@github.com:shop/web.git', c: x@example.org, d: user@host.1"),
            [""; 0]
        );
        assert_eq!(flagged("a: DE89370400440532013001, b: 'https://user:x@db.shop.eu/'"), [""; 0]);
    }

    #[test]
    fn what_tells_of_somebody_is_flagged() {
        assert_eq!(flagged("admin_username: jane"), ["admin_username"]);
        assert_eq!(flagged("a: \"to = <jane@shop.eu>.\""), ["a"]);
        assert_eq!(flagged("a: DE89370400440532013000"), ["a"]);
    }

    #[test]
    fn names_can_be_given() {
        let trial = Trial::with(&RULE, r#"{"names": ["surname"]}"#);
        assert_eq!(trial.manifest(&map("surname: doe, username: jane")), ["surname"]);
    }
}
