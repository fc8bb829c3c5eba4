//! The policies for the Pod Security Standards, control by control: what each level allows and what it refuses.

use super::repo::Repo;

/// A pod that meets the level Restricted, but for what is written here.
struct Case {
    annotations: &'static str,
    spec: &'static str,
    pod_context: &'static str,
    container: &'static str,
    context: &'static str,
    /// The rule that reports it at both levels.
    baseline: &'static str,
    /// The rule that reports it at Restricted only, perhaps beside the other one.
    restricted: &'static str,
}

const POD_CONTEXT: &str = "runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}";
const CONTEXT: &str = "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}";

const MEETS: Case = Case {
    annotations: "",
    spec: "",
    pod_context: POD_CONTEXT,
    container: "",
    context: CONTEXT,
    baseline: "",
    restricted: "",
};

/// Values that both levels allow.
const ALLOWED: &[Case] = &[
    MEETS,
    Case { spec: "hostNetwork: false, hostPID: false, hostIPC: false", ..MEETS },
    Case { container: "ports: [{containerPort: 80, hostPort: 0}]", ..MEETS },
    Case { container: "livenessProbe: {httpGet: {port: 80, host: ''}}", ..MEETS },
    Case { container: "lifecycle: {preStop: {exec: {command: [a]}}}", ..MEETS },
    Case {
        context: "allowPrivilegeEscalation: false, privileged: false, procMount: Default, capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}",
        ..MEETS
    },
    Case {
        annotations: "container.apparmor.security.beta.kubernetes.io/a: localhost/web",
        context: "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, appArmorProfile: {type: RuntimeDefault}",
        ..MEETS
    },
    Case {
        pod_context: "runAsNonRoot: true, runAsUser: 1, seccompProfile: {type: Localhost, localhostProfile: a}, seLinuxOptions: {type: container_engine_t, level: s0}",
        ..MEETS
    },
    Case {
        pod_context: "fsGroup: 0",
        context: "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}",
        ..MEETS
    },
    Case {
        pod_context: "runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}, sysctls: [{name: net.ipv4.tcp_wmem, value: '1'}, {name: net.ipv4.tcp_notsent_lowat, value: '1'}]",
        ..MEETS
    },
    Case {
        spec: "volumes: [{name: a, configMap: {name: a}}, {name: b, csi: {driver: a}}, {name: c, downwardAPI: {}}, {name: d, emptyDir: {}}, {name: e, ephemeral: {}}, {name: f, image: {reference: a}}, {name: g, persistentVolumeClaim: {claimName: a}}, {name: h, projected: {}}, {name: i, secret: {secretName: a}}]",
        ..MEETS
    },
    // Linux' own controls do not hold on Windows.
    Case { spec: "os: {name: windows}", pod_context: "runAsNonRoot: true", context: "", ..MEETS },
    // Root of a user namespace is nobody on the node.
    Case { spec: "hostUsers: false", pod_context: "seccompProfile: {type: RuntimeDefault}, runAsUser: 0", ..MEETS },
];

/// Values that a level refuses.
const REFUSED: &[Case] = &[
    Case {
        spec: "os: {name: windows}",
        pod_context: "runAsNonRoot: true, windowsOptions: {hostProcess: true}",
        baseline: "user/privileged-container",
        ..MEETS
    },
    Case { spec: "hostNetwork: true", baseline: "network/host-network", ..MEETS },
    Case { spec: "hostPID: true", baseline: "user/host-namespaces", ..MEETS },
    Case { spec: "hostIPC: true", baseline: "user/host-namespaces", ..MEETS },
    Case {
        context: "privileged: true, allowPrivilegeEscalation: true, capabilities: {drop: [ALL]}",
        baseline: "user/privileged-container",
        restricted: "user/privilege-escalation",
        ..MEETS
    },
    Case {
        context: "allowPrivilegeEscalation: false, capabilities: {drop: [ALL], add: [NET_RAW]}",
        baseline: "user/added-capabilities",
        ..MEETS
    },
    Case {
        context: "allowPrivilegeEscalation: false, capabilities: {drop: [ALL], add: [CAP_CHOWN]}",
        baseline: "user/added-capabilities",
        ..MEETS
    },
    Case {
        context: "allowPrivilegeEscalation: false, capabilities: {drop: [ALL], add: [CHOWN]}",
        restricted: "user/added-capabilities",
        ..MEETS
    },
    Case {
        context: "allowPrivilegeEscalation: false, capabilities: {drop: [all]}",
        restricted: "user/undropped-capabilities",
        ..MEETS
    },
    Case { context: "allowPrivilegeEscalation: false", restricted: "user/undropped-capabilities", ..MEETS },
    Case { spec: "volumes: [{name: a, hostPath: {path: /a}}]", baseline: "workload/host-path-volume", ..MEETS },
    Case {
        spec: "volumes: [{name: a, nfs: {server: a, path: /a}}]",
        restricted: "workload/restricted-volume-type",
        ..MEETS
    },
    Case { container: "ports: [{containerPort: 80, hostPort: 80}]", baseline: "network/host-port", ..MEETS },
    Case {
        container: "readinessProbe: {tcpSocket: {port: 80, host: 127.0.0.1}}",
        baseline: "probes/host-in-probe",
        ..MEETS
    },
    Case {
        container: "lifecycle: {postStart: {httpGet: {port: 80, host: a.example}}}",
        baseline: "probes/host-in-probe",
        ..MEETS
    },
    Case {
        annotations: "container.apparmor.security.beta.kubernetes.io/a: unconfined",
        baseline: "user/unsafe-apparmor-profile",
        ..MEETS
    },
    Case {
        context: "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, appArmorProfile: {type: Unconfined}",
        baseline: "user/unsafe-apparmor-profile",
        ..MEETS
    },
    Case {
        pod_context: "runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}, seLinuxOptions: {type: spc_t}",
        baseline: "user/unsafe-selinux-options",
        ..MEETS
    },
    Case {
        pod_context: "runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}, seLinuxOptions: {role: sysadm_r}",
        baseline: "user/unsafe-selinux-options",
        ..MEETS
    },
    Case {
        context: "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, procMount: Unmasked",
        baseline: "user/unmasked-proc",
        ..MEETS
    },
    Case {
        spec: "hostUsers: false",
        context: "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, procMount: Unmasked",
        restricted: "user/unmasked-proc",
        ..MEETS
    },
    Case {
        pod_context: "runAsNonRoot: true, seccompProfile: {type: Unconfined}",
        baseline: "user/missing-seccomp",
        ..MEETS
    },
    Case { pod_context: "runAsNonRoot: true", restricted: "user/missing-seccomp", ..MEETS },
    Case {
        pod_context: "runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}, sysctls: [{name: kernel.sem, value: '1'}]",
        baseline: "user/unsafe-sysctls",
        ..MEETS
    },
    Case { context: "capabilities: {drop: [ALL]}", restricted: "user/privilege-escalation", ..MEETS },
    Case {
        pod_context: "runAsUser: 1, seccompProfile: {type: RuntimeDefault}",
        restricted: "user/run-as-root",
        ..MEETS
    },
    Case {
        pod_context: "runAsUser: 0, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}",
        restricted: "user/run-as-root",
        ..MEETS
    },
    Case { spec: "os: {name: windows}", pod_context: "", context: "", restricted: "user/run-as-root", ..MEETS },
    // What a pod must not say it must not say either where its containers say otherwise.
    Case {
        pod_context: "runAsNonRoot: true, seccompProfile: {type: Unconfined}",
        context: "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}",
        baseline: "user/missing-seccomp",
        ..MEETS
    },
    Case {
        pod_context: "runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}, appArmorProfile: {type: Unconfined}",
        context: "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, appArmorProfile: {type: RuntimeDefault}",
        baseline: "user/unsafe-apparmor-profile",
        ..MEETS
    },
    Case {
        pod_context: "runAsNonRoot: false, seccompProfile: {type: RuntimeDefault}",
        context: "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, runAsNonRoot: true",
        restricted: "user/run-as-root",
        ..MEETS
    },
    Case {
        pod_context: "runAsNonRoot: true, runAsUser: 0, seccompProfile: {type: RuntimeDefault}",
        context: "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, runAsUser: 1",
        restricted: "user/run-as-root",
        ..MEETS
    },
];

impl Case {
    fn manifest(&self) -> String {
        let Self { annotations, spec, pod_context, container, context, .. } = self;
        let container = format!("{{name: a, image: 'a:1', securityContext: {{{context}}}, {container}}}");
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a, annotations: {{{annotations}}}}}\nspec: {{securityContext: {{{pod_context}}}, containers: [{container}], {spec}}}\n"
        )
    }

    /// What a level reports.
    fn expected(&self, level: &str) -> Vec<&str> {
        let rules = [self.baseline, if level == "restricted" { self.restricted } else { "" }];
        let mut rules: Vec<&str> = rules.into_iter().filter(|rule| !rule.is_empty()).collect();
        rules.sort_unstable();
        rules
    }
}

#[test]
fn each_level_refuses_what_the_standard_refuses_and_nothing_else() {
    let repo = Repo::new(&[]);
    let cases: Vec<&Case> = ALLOWED.iter().chain(REFUSED).collect();
    for (number, case) in cases.iter().enumerate() {
        repo.write(&format!("{number:02}.yaml"), case.manifest());
    }
    for level in ["baseline", "restricted"] {
        let found = repo.findings(&format!("--policy pod-security-{level}"));
        for (number, case) in cases.iter().enumerate() {
            let file = format!("{number:02}.yaml:");
            let here = found.iter().filter(|line| line.starts_with(&file));
            let mut rules: Vec<&str> = here.filter_map(|line| Some(line.split_once(' ')?.1)).collect();
            rules.sort_unstable();
            assert_eq!(rules, case.expected(level), "{level}:\n{}", case.manifest());
        }
    }
}
