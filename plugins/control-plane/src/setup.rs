//! How the components of Kubernetes are set up: on the command lines of containers, in configuration files, and in what
//! kubeadm passes on. No rule belongs here.

use std::borrow::Cow;

use hullmark_sdk::prelude::*;
use hullmark_sdk::{Finding, OptionSpec};

/// Kinds of objects that set a component up.
pub(crate) const SUBJECTS: &[&str] = &[
    "ClusterConfiguration",
    "CronJob",
    "DaemonSet",
    "Deployment",
    "InitConfiguration",
    "Job",
    "JoinConfiguration",
    "KubeSchedulerConfiguration",
    "KubeletConfiguration",
    "Pod",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
];

/// Whether what is left to a default counts too.
pub(crate) const IMPLICIT: OptionSpec =
    OptionSpec::flag("implicit", false, "whether to report a component too that leaves the flag out");

/// A component of Kubernetes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Component {
    ApiServer,
    ControllerManager,
    Etcd,
    Kubelet,
    Scheduler,
}

const PROGRAMS: [(&str, Component); 5] = [
    ("etcd", Component::Etcd),
    ("kube-apiserver", Component::ApiServer),
    ("kube-controller-manager", Component::ControllerManager),
    ("kube-scheduler", Component::Scheduler),
    ("kubelet", Component::Kubelet),
];

impl Component {
    /// Its name in a sentence.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::ApiServer => "the API server",
            Self::ControllerManager => "the controller manager",
            Self::Etcd => "etcd",
            Self::Kubelet => "the kubelet",
            Self::Scheduler => "the scheduler",
        }
    }

    fn of_program(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next()?;
        PROGRAMS.iter().find(|(program, _)| *program == name).map(|(_, component)| *component)
    }

    /// By the name of an image, which may end in an architecture: `kube-apiserver-amd64`.
    fn of_image(repository: &str) -> Option<Self> {
        let name = repository.rsplit('/').next()?;
        let name = ["-amd64", "-arm64", "-arm", "-ppc64le", "-s390x"]
            .iter()
            .find_map(|architecture| name.strip_suffix(architecture))
            .unwrap_or(name);
        Self::of_program(name)
    }

    /// The flag that names a file with more of its settings.
    const fn file_flag(self) -> Option<&'static str> {
        match self {
            Self::Kubelet | Self::Scheduler => Some("config"),
            Self::Etcd => Some("config-file"),
            Self::ApiServer | Self::ControllerManager => None,
        }
    }
}

/// Programs that start the one that they are told.
const LAUNCHERS: [&str; 4] = ["dumb-init", "go-runner", "hyperkube", "tini"];

/// Flags that rules read and that take no separate value: `--profiling` means `--profiling=true`.
const SWITCHES: [&str; 12] = [
    "anonymous-auth",
    "auto-tls",
    "client-cert-auth",
    "kubelet-https",
    "make-iptables-util-chains",
    "peer-auto-tls",
    "peer-client-cert-auth",
    "profiling",
    "protect-kernel-defaults",
    "rotate-certificates",
    "service-account-lookup",
    "use-service-account-credentials",
];

/// The fields of configuration files that stand for flags.
const FIELDS: [(&str, &[&str]); 15] = [
    ("anonymous-auth", &["authentication", "anonymous", "enabled"]),
    ("authorization-mode", &["authorization", "mode"]),
    ("client-ca-file", &["authentication", "x509", "clientCAFile"]),
    ("event-qps", &["eventRecordQPS"]),
    ("feature-gates", &["featureGates"]),
    ("hostname-override", &["hostnameOverride"]),
    ("make-iptables-util-chains", &["makeIPTablesUtilChains"]),
    ("profiling", &["enableProfiling"]),
    ("protect-kernel-defaults", &["protectKernelDefaults"]),
    ("read-only-port", &["readOnlyPort"]),
    ("rotate-certificates", &["rotateCertificates"]),
    ("streaming-connection-idle-timeout", &["streamingConnectionIdleTimeout"]),
    ("tls-cert-file", &["tlsCertFile"]),
    ("tls-cipher-suites", &["tlsCipherSuites"]),
    ("tls-private-key-file", &["tlsPrivateKeyFile"]),
];

/// Where kubeadm's configuration holds flags of components.
const KUBEADM: [(Component, &[&str]); 5] = [
    (Component::ApiServer, &["apiServer", "extraArgs"]),
    (Component::ControllerManager, &["controllerManager", "extraArgs"]),
    (Component::Etcd, &["etcd", "local", "extraArgs"]),
    (Component::Kubelet, &["nodeRegistration", "kubeletExtraArgs"]),
    (Component::Scheduler, &["scheduler", "extraArgs"]),
];

/// A flag, or the field that stands for it, with its value.
#[derive(Clone, Debug)]
pub(crate) struct Setting<'a> {
    flag: Cow<'a, str>,
    /// Nothing where it holds variables.
    value: Option<Cow<'a, str>>,
    node: Node<'a>,
    /// Where the value begins in the node's.
    offset: usize,
    /// The field, where it is none of a command line.
    field: Option<&'static [&'static str]>,
    /// Whether it is one of `command`, where Checkov looks.
    in_command: bool,
}

impl Setting<'_> {
    /// The value, where it is known.
    pub(crate) fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// The value as a number.
    pub(crate) fn number(&self) -> Option<i64> {
        self.value()?.parse().ok()
    }

    /// The value as Go reads a boolean.
    pub(crate) fn boolean(&self) -> Option<bool> {
        match self.value()? {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
            _ => None,
        }
    }

    /// Where the value stands, or the whole word where there is none.
    pub(crate) fn place(&self) -> Place {
        self.node.part(self.offset, self.value().unwrap_or_default())
    }

    /// How it is written.
    pub(crate) fn shown(&self) -> String {
        match (self.field, self.value()) {
            (Some(path), value) => format!("{}: {}", path.join("."), value.unwrap_or_default()),
            (None, None | Some("")) => format!("--{}", self.flag),
            (None, Some(value)) => format!("--{}={value}", self.flag),
        }
    }

    /// The entries of a list, each with its place.
    pub(crate) fn entries(&self) -> Vec<(String, Place)> {
        let mut offset = self.offset;
        let mut entries = Vec::new();
        for entry in self.value().unwrap_or_default().split(',') {
            if !entry.trim().is_empty() {
                let start = offset + (entry.len() - entry.trim_start().len());
                entries.push((entry.trim().to_owned(), self.node.part(start, entry.trim())));
            }
            offset += entry.len() + 1;
        }
        entries
    }

    /// A fix that gives it another value; none where the value stands there through an alias, an escape or a variable.
    fn replacement(&self, value: &str) -> Option<Fix> {
        let place = self.place();
        let is_exact = (place.span.end - place.span.start) as usize == self.value()?.len();
        let title = format!("set `{}`", self.with(value).shown());
        (is_exact && self.node.alias().is_none()).then(|| Fix::needs_review(title).replace(place, value))
    }

    fn with(&self, value: &str) -> Self {
        Self { value: Some(Cow::Owned(value.to_owned())), ..self.clone() }
    }
}

/// One place that sets up a component.
pub(crate) struct Setup<'a> {
    pub(crate) component: Component,
    /// Where the component is named: what is missing is reported there.
    place: Place,
    settings: Vec<Setting<'a>>,
    /// Whether all settings are in sight, so that absence means something.
    is_complete: bool,
    /// Whether a Pod is called `etcd` and has `args`, which is where Checkov looks for one of its checks.
    is_etcd_pod: bool,
    /// Whether Trivy sees the component: its program is the first word of `command`, or a node runs the kubelet.
    is_first: bool,
    /// Whether Checkov sees it: a word of `command` is its bare name.
    is_bare: bool,
}

impl<'a> Setup<'a> {
    /// The settings of a flag, in order. Of most flags the last one counts, of lists all.
    pub(crate) fn all(&self, flag: &str) -> impl Iterator<Item = &Setting<'a>> {
        self.settings.iter().filter(move |setting| setting.flag == flag)
    }

    /// The setting of a flag that counts.
    pub(crate) fn get(&self, flag: &str) -> Option<&Setting<'a>> {
        self.all(flag).last()
    }

    /// Whether a flag is certainly not given.
    pub(crate) fn lacks(&self, flag: &str) -> bool {
        self.is_complete && self.get(flag).is_none()
    }

    /// Whether every value of a flag is known.
    pub(crate) fn knows(&self, flag: &str) -> bool {
        self.is_complete && self.all(flag).all(|setting| setting.value.is_some())
    }

    /// The entries of a flag that takes a list and may be given several times.
    pub(crate) fn entries(&self, flag: &str) -> Vec<(String, Place)> {
        self.all(flag).flat_map(Setting::entries).collect()
    }

    /// Reports a setting at its value, with those aliases whose tool sees it.
    pub(crate) fn report<'r>(
        &self,
        report: &'r mut Report,
        setting: &Setting,
        message: String,
        aliases: &[&'static str],
    ) -> &'r mut Finding {
        self.report_at(report, setting, setting.place(), message, aliases)
    }

    /// Reports a part of a setting.
    pub(crate) fn report_at<'r>(
        &self,
        report: &'r mut Report,
        setting: &Setting,
        place: Place,
        message: String,
        aliases: &[&'static str],
    ) -> &'r mut Finding {
        let finding = report.finding(place, message);
        finding.aliases(&self.seen(aliases, setting.in_command));
        finding
    }

    /// Reports that something is missing.
    pub(crate) fn report_missing<'r>(
        &self,
        report: &'r mut Report,
        message: String,
        aliases: &[&'static str],
    ) -> &'r mut Finding {
        let finding = report.finding(self.place, message);
        finding.aliases(&self.seen(aliases, true));
        finding
    }

    fn seen(&self, aliases: &[&'static str], in_command: bool) -> Vec<&'static str> {
        let checkov = self.is_bare && in_command;
        let is_seen = |alias: &&str| match *alias {
            "CKV_K8S_121" => self.is_etcd_pod,
            alias if alias.starts_with("CKV") => checkov,
            _ => self.is_first,
        };
        aliases.iter().copied().filter(is_seen).collect()
    }
}

/// A flag that must not stand one way.
pub(crate) struct Switch {
    pub(crate) component: Component,
    pub(crate) flag: &'static str,
    /// What it must be.
    pub(crate) wanted: bool,
    /// Aliases where it is set the other way.
    pub(crate) aliases: &'static [&'static str],
    /// Aliases where it is left out; nothing where that is as good.
    pub(crate) missing: Option<&'static [&'static str]>,
}

/// Reports switches that stand the wrong way and, by the option `implicit`, those that are left out. The effect is what
/// the component then does: `keeps profiling data open`.
pub(crate) fn report_switches(object: &Object, report: &mut Report, switches: &[Switch], effect: &str) {
    for setup in setups(object) {
        for switch in switches.iter().filter(|switch| switch.component == setup.component) {
            let title = switch.component.title();
            if let Some(setting) = setup.get(switch.flag) {
                if setting.boolean() == Some(!switch.wanted) {
                    let message = format!("{title} {effect}, by `{}`", setting.shown());
                    let fix = setting.replacement(if switch.wanted { "true" } else { "false" });
                    let finding = setup.report(report, setting, message, switch.aliases);
                    if let Some(fix) = fix {
                        finding.fix(fix);
                    }
                }
            } else if let Some(aliases) = switch.missing
                && report.options().flag("implicit")
                && setup.lacks(switch.flag)
            {
                let message = format!("{title} {effect}: it lacks `--{}={}`", switch.flag, switch.wanted);
                setup.report_missing(report, message, aliases);
            }
        }
    }
}

/// All that sets up components in an object.
pub(crate) fn setups<'a>(object: &Object<'a>) -> Vec<Setup<'a>> {
    match (object.kind(), object.group()) {
        (Some("KubeletConfiguration"), "kubelet.config.k8s.io") => vec![of_file(object, Component::Kubelet)],
        (Some("KubeSchedulerConfiguration"), "kubescheduler.config.k8s.io") => {
            vec![of_file(object, Component::Scheduler)]
        }
        (Some("ClusterConfiguration" | "InitConfiguration" | "JoinConfiguration"), "kubeadm.k8s.io") => {
            KUBEADM.iter().filter_map(|(component, path)| of_kubeadm(*component, object.at(path)?)).collect()
        }
        _ => of_pods(object),
    }
}

/// Those of containers. Nearly no document has one, so that is found out once for all rules.
fn of_pods<'a>(object: &Object<'a>) -> Vec<Setup<'a>> {
    let document = object.document();
    let runs_component = || document.pods().flat_map(Pod::containers).any(|container| program(container).is_some());
    if !*document.derived(0, runs_component) {
        return Vec::new();
    }
    object.pods().flat_map(Pod::containers).filter_map(of_container).collect()
}

/// The words of a container's command line, each with whether it is one of `command`.
fn words<'a>(container: Container<'a>) -> impl Iterator<Item = (Node<'a>, bool)> {
    let of = move |key| container.get(key).into_iter().flat_map(Node::items);
    of("command").map(|word| (word, true)).chain(of("args").map(|word| (word, false)))
}

/// The component that a container runs, the word that says so, and the number of the first word after it. A shell's text is
/// not looked into.
fn program(container: Container<'_>) -> Option<(Component, Node<'_>, usize)> {
    let mut is_launched = false;
    for (number, (word, in_command)) in words(container).enumerate() {
        let text = word.text()?;
        let is_flag = text.starts_with('-');
        if let Some(component) = Component::of_program(text).filter(|_| !is_flag) {
            return Some((component, word, number + 1));
        }
        if number == 0 && !in_command && is_flag {
            let image = container.image()?;
            return Some((Component::of_image(image.repository())?, container.get("image")?, 0));
        }
        let is_launcher = text.rsplit('/').next().is_some_and(|name| LAUNCHERS.contains(&name));
        is_launched = is_launcher || is_launched && is_flag;
        if !is_launched {
            return None;
        }
    }
    None
}

fn of_container(container: Container<'_>) -> Option<Setup<'_>> {
    let (component, name, start) = program(container)?;
    let mut settings = if component == Component::Etcd { of_environment(container) } else { Vec::new() };
    let mut is_complete = component != Component::Etcd || container.get("envFrom").is_none();
    let mut words = words(container).skip(start).peekable();
    while let Some((word, in_command)) = words.next() {
        let text = word.value().unwrap_or_default();
        // A variable may hold any flag.
        is_complete &= !text.starts_with("$(");
        let Some(flag) = text.strip_prefix("--").or_else(|| text.strip_prefix('-')) else { continue };
        let dashes = text.len() - flag.len();
        let setting = |flag, value, node, offset| Setting { flag, value, node, offset, field: None, in_command };
        if let Some((flag, value)) = flag.split_once('=') {
            settings.push(setting(normal(flag), known(value), word, dashes + flag.len() + 1));
            continue;
        }
        let flag = normal(flag);
        let is_switch = SWITCHES.contains(&flag.as_ref());
        let next = words.next_if(|(next, _)| !is_switch && !next.value().unwrap_or_default().starts_with('-'));
        match next {
            Some((value, _)) => settings.push(setting(flag, known(value.value().unwrap_or_default()), value, 0)),
            None => {
                let value = if is_switch { "true" } else { "" };
                settings.push(setting(flag, Some(Cow::Borrowed(value)), word, text.len()));
            }
        }
    }
    is_complete &= component.file_flag().is_none_or(|file| settings.iter().all(|setting| setting.flag != file));
    let mut command = container.get("command").into_iter().flat_map(Node::items).filter_map(Node::text);
    let object = container.pod().object();
    let first = container.get("command").and_then(|command| command.items().next());
    Some(Setup {
        component,
        place: name.place(),
        settings,
        is_complete,
        is_etcd_pod: object.kind() == Some("Pod") && object.name() == Some("etcd") && container.get("args").is_some(),
        is_first: component == Component::Kubelet || first == Some(name),
        is_bare: command.any(|word| PROGRAMS.contains(&(word, component))),
    })
}

/// The flags of etcd that its environment gives: `ETCD_AUTO_TLS` stands for `--auto-tls`. Those of the command line come
/// after them and count.
fn of_environment(container: Container<'_>) -> Vec<Setting<'_>> {
    let variables = container.get("env").into_iter().flat_map(Node::items);
    let settings = variables.filter_map(|variable| {
        let name = variable.get("name")?.text()?.strip_prefix("ETCD_")?;
        let value = variable.get("value");
        Some(Setting {
            flag: Cow::Owned(name.to_ascii_lowercase().replace('_', "-")),
            value: value.and_then(|value| known(value.value()?)),
            node: value.unwrap_or(variable),
            offset: 0,
            field: None,
            in_command: false,
        })
    });
    settings.collect()
}

fn of_file<'a>(object: &Object<'a>, component: Component) -> Setup<'a> {
    let setting = |flag: &'static str, field, value, node| Setting {
        flag: Cow::Borrowed(flag),
        value: Some(value),
        node,
        offset: 0,
        field: Some(field),
        in_command: false,
    };
    let mut settings = Vec::new();
    for (flag, path) in FIELDS {
        let Some(node) = object.at(path) else { continue };
        let scalar = |node: Node<'a>| Cow::Borrowed(node.value().unwrap_or_default());
        match node.kind() {
            Kind::Sequence => settings.extend(node.items().map(|item| setting(flag, path, scalar(item), item))),
            Kind::Mapping => settings.extend(
                node.entries()
                    .map(|(key, entry)| setting(flag, path, Cow::Owned(format!("{key}={}", scalar(entry))), entry)),
            ),
            _ => settings.push(setting(flag, path, scalar(node), node)),
        }
    }
    Setup {
        component,
        place: object.name_place(),
        settings,
        // What a file leaves out has other defaults than a flag that is left out.
        is_complete: false,
        is_etcd_pod: false,
        is_first: component == Component::Kubelet,
        is_bare: false,
    }
}

/// What kubeadm adds to its own flags for a component: a mapping, or a list of names and values.
fn of_kubeadm<'a>(component: Component, arguments: Node<'a>) -> Option<Setup<'a>> {
    let setting = |flag: &'a str, node: Node<'a>| Setting {
        flag: normal(flag),
        value: node.value().and_then(known),
        node,
        offset: 0,
        field: None,
        in_command: false,
    };
    let listed = arguments.items().filter_map(|item| Some(setting(item.get("name")?.text()?, item.get("value")?)));
    let settings: Vec<Setting> = arguments.entries().map(|(flag, value)| setting(flag, value)).chain(listed).collect();
    let place = arguments.key_place();
    (!settings.is_empty()).then_some(Setup {
        component,
        place,
        settings,
        is_complete: false,
        is_etcd_pod: false,
        is_first: false,
        is_bare: false,
    })
}

/// A flag's name as Kubernetes takes it: with `-` where `_` is written.
fn normal(flag: &str) -> Cow<'_, str> {
    if flag.contains('_') { Cow::Owned(flag.replace('_', "-")) } else { Cow::Borrowed(flag) }
}

/// A value, unless it holds variables.
fn known(value: &str) -> Option<Cow<'_, str>> {
    (!value.contains("$(")).then_some(Cow::Borrowed(value))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::{container, pod};

    rule! {
        /// A rule for tests of the reading.
        ///
        /// ## What it checks
        options: &[IMPLICIT],
        checks: &[Object(SUBJECTS, check)],
    }

    fn check(object: &Object, report: &mut Report) {
        let switch = |component| Switch {
            component,
            flag: "profiling",
            wanted: false,
            aliases: &["KCV-0018", "CKV_K8S_90"],
            missing: Some(&[]),
        };
        report_switches(object, report, &[switch(Component::ApiServer), switch(Component::Scheduler)], "is open");
    }

    fn flagged(text: &str) -> Vec<String> {
        Trial::with(&RULE, r#"{"implicit": true}"#).manifest(text)
    }

    #[test]
    fn what_runs_no_component_is_passed_over() {
        assert_eq!(flagged(&container("command: [cp, kube-apiserver, /x]")), [""; 0]);
        assert_eq!(flagged(&container("command: [sh, -c, exec kube-apiserver --profiling=true]")), [""; 0]);
        assert_eq!(flagged(&container("args: [--profiling=true], image: a/web")), [""; 0]);
        assert_eq!(flagged(&container("args: [--of=a/kube-apiserver, --profiling=true], image: a/web")), [""; 0]);
        assert_eq!(flagged(&pod("kube-proxy", &["--profiling=true"])), [""; 0]);
    }

    #[test]
    fn variables_say_nothing() {
        assert_eq!(flagged(&pod("kube-apiserver", &["--profiling=$(PROFILING)"])), [""; 0]);
        assert_eq!(flagged(&pod("kube-apiserver", &["$(FLAGS)"])), [""; 0]);
        assert_eq!(flagged(&pod("kube-scheduler", &["--config=/etc/scheduler.yaml"])), [""; 0]);
    }

    #[test]
    fn the_last_one_counts() {
        assert_eq!(flagged(&pod("kube-apiserver", &["--profiling=true", "--profiling=false"])), [""; 0]);
        assert_eq!(flagged(&pod("kube-apiserver", &["--profiling=false", "--profiling=true"])), ["true"]);
    }

    #[test]
    fn flags_are_found_in_every_form() {
        assert_eq!(flagged(&pod("kube-apiserver", &["--profiling=true"])), ["true"]);
        assert_eq!(flagged(&pod("kube-apiserver", &["--profiling=T"])), ["T"]);
        assert_eq!(flagged(&pod("kube-apiserver", &["--profiling", "--v=2"])), ["--profiling"]);
        assert_eq!(flagged(&pod("/usr/bin/kube-apiserver", &["--v", "2", "--profiling=1"])), ["1"]);
        assert_eq!(flagged(&pod("kube-apiserver", &[])), ["kube-apiserver"]);
    }

    #[test]
    fn programs_are_found_behind_launchers_and_in_images() {
        let words = "command: [/go-runner, --log-file=/x, /bin/kube-apiserver], args: [--profiling=true]";
        assert_eq!(flagged(&container(words)), ["true"]);
        assert_eq!(flagged(&container("args: [--profiling=true], image: 'a:5000/kube-apiserver-amd64:1'")), ["true"]);
        assert_eq!(flagged(&container("args: [kube-apiserver, --profiling=true]")), ["true"]);
    }

    #[test]
    fn only_what_another_tool_sees_carries_its_ids() {
        let aliases = |text: &str| {
            let found = Trial::of(&RULE).found(&[("a.yaml", text)]);
            let finding = format!("{:?}", found[0].finding);
            (finding.contains("KCV-0018"), finding.contains("CKV_K8S_90"))
        };
        assert_eq!(aliases(&pod("kube-apiserver", &["--profiling=true"])), (true, true));
        assert_eq!(aliases(&pod("/bin/kube-apiserver", &["--profiling=true"])), (true, false));
        assert_eq!(aliases(&container("command: [kube-apiserver], args: [--profiling=true]")), (true, false));
        assert_eq!(aliases(&container("command: [tini, kube-apiserver, --profiling=true]")), (false, true));
    }

    #[test]
    fn configuration_files_and_kubeadm_are_read() {
        let scheduler = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";
        assert_eq!(flagged(&format!("{scheduler}enableProfiling: true\n")), ["true"]);
        assert_eq!(flagged(&format!("{scheduler}enableProfiling: false\n")), [""; 0]);
        let kubeadm = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n";
        let listed = "apiServer:\n  extraArgs:\n    - name: profiling\n      value: 'true'\n";
        assert_eq!(flagged(&format!("{kubeadm}{listed}")), ["true"]);
        assert_eq!(flagged(&format!("{kubeadm}scheduler: {{extraArgs: {{profiling: \"true\"}}}}\n")), ["true"]);
        assert_eq!(flagged(&format!("{kubeadm}scheduler: {{extraArgs: {{v: \"2\"}}}}\n")), [""; 0]);
    }
}
