//! Versions of Kubernetes.

use hullmark_sdk::{OptionSpec, OptionValues};

/// A minor version of Kubernetes 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) minor: u8,
}

impl Version {
    pub(crate) const NEWEST: Self = Self { minor: 37 };

    /// The one that the option of a rule names.
    pub(crate) fn chosen(options: &OptionValues) -> Self {
        let minor = options.text(NAME).strip_prefix("1.").and_then(|minor| minor.parse().ok());
        minor.map_or(Self::NEWEST, |minor| Self { minor })
    }
}

const NAME: &str = "kubernetes-version";

/// The versions that can be named; before the first of them, nothing was removed that a manifest still contains.
const VERSIONS: [&str; 23] = [
    "1.15", "1.16", "1.17", "1.18", "1.19", "1.20", "1.21", "1.22", "1.23", "1.24", "1.25", "1.26", "1.27", "1.28",
    "1.29", "1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37",
];

/// The version of the cluster, for rules on fields.
pub(crate) const FIELDS_OF: OptionSpec = OptionSpec::choice(
    NAME,
    "1.37",
    &VERSIONS,
    "version of the cluster; fields of one older than 1.33 are judged as those of 1.33",
)
.facts_from("1.33");

/// The version of the cluster, for rules on versions of the API.
pub(crate) const APIS_OF: OptionSpec = OptionSpec::choice(NAME, "1.37", &VERSIONS, "version of the cluster");
