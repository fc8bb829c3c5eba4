//! Plugins made for tests, written as WebAssembly text: they can do what no compiler would let a guest do.

use wit_component::StringEncoding;

/// Version of the interface that guests are made for unless they say otherwise.
const VERSION: &str = "0.1.0";
/// Where a guest's data begins.
const BASE: usize = 1024;

/// A plugin under construction. By default it is harmless and finds nothing.
#[derive(Clone, Debug)]
pub(crate) struct Guest {
    /// Name of the plugin.
    pub(crate) name: String,
    /// Names of its rules.
    pub(crate) rules: Vec<String>,
    /// What `check` returns.
    pub(crate) findings: Vec<FindingSpec>,
    /// Instructions that run at the beginning of `check`; `$document` is its document, `$result` where its answer lies
    /// (the list's address at 4, its length at 8), `$findings` the address of the findings.
    pub(crate) check: String,
    /// Further functions and globals.
    pub(crate) items: String,
    /// What it says of its own rules: the level of each.
    pub(crate) level: String,
    /// Version of the interface.
    pub(crate) version: String,
    /// Instructions that run at the beginning of `describe`; `$info` is the address of what it returns, a row of addresses and
    /// lengths: name, version, summary, homepage, options schema, rules.
    pub(crate) describe: String,
    /// Pages of memory that it begins with.
    pub(crate) pages: u32,
    /// The JSON Schema of its options.
    pub(crate) options: String,
}

/// One finding in the data of a guest.
#[derive(Clone, Debug)]
pub(crate) struct FindingSpec {
    /// Name of the rule.
    pub(crate) rule: String,
    /// The message.
    pub(crate) message: String,
    /// Id of the document.
    pub(crate) document: u32,
    /// First byte.
    pub(crate) start: u32,
    /// After the last byte.
    pub(crate) end: u32,
    /// Spans and texts of the edits of one fix; no fix where it is empty.
    pub(crate) edits: Vec<(u32, u32, String)>,
}

impl FindingSpec {
    /// A finding in the document that is being checked.
    pub(crate) fn new(rule: &str, message: &str, start: u32, end: u32) -> Self {
        Self { rule: rule.to_owned(), message: message.to_owned(), document: 0, start, end, edits: Vec::new() }
    }
}

impl Guest {
    /// A harmless plugin with one rule, `some-rule`.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            rules: vec!["some-rule".to_owned()],
            findings: Vec::new(),
            check: String::new(),
            items: String::new(),
            level: "warning".to_owned(),
            version: VERSION.to_owned(),
            describe: String::new(),
            pages: 2,
            options: String::new(),
        }
    }

    /// Sets what runs in `check`.
    #[must_use]
    pub(crate) fn check(mut self, instructions: &str) -> Self {
        instructions.clone_into(&mut self.check);
        self
    }

    /// Adds functions and globals.
    #[must_use]
    pub(crate) fn items(mut self, items: &str) -> Self {
        items.clone_into(&mut self.items);
        self
    }

    /// Adds a finding to what `check` returns.
    #[must_use]
    pub(crate) fn finding(mut self, finding: FindingSpec) -> Self {
        self.findings.push(finding);
        self
    }

    /// The plugin as a component.
    pub(crate) fn component(&self) -> Vec<u8> {
        let encoder = wit_component::ComponentEncoder::default().validate(true).module(&self.module()).unwrap();
        { encoder }.encode().unwrap()
    }

    /// The plugin as a core module that carries its interface.
    pub(crate) fn module(&self) -> Vec<u8> {
        let mut module = wat::parse_str(self.text()).unwrap();
        let interface = include_str!("../../../wit/policy.wit")
            .replace(&format!("hullmark:policy@{VERSION}"), &format!("hullmark:policy@{}", self.version));
        let mut resolve = wit_parser::Resolve::default();
        let package = resolve.push_str("policy.wit", &interface).unwrap();
        let world = resolve.select_world(&[package], Some("policy")).unwrap();
        wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
        module
    }

    fn text(&self) -> String {
        let mut data = Data::default();
        let info = self.info(&mut data);
        let findings = self.findings.iter().flat_map(|finding| finding.words(&mut data)).collect::<Vec<_>>();
        let findings = data.words(&findings);
        let result = data.words(&[0, findings, self.findings.len() as u32]);
        let fine = data.words(&[0, 0, 0]);
        let bytes: String = data.bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
        let Self { check, describe, items, pages, version, .. } = self;
        format!(
            r#"(module
              (import "hullmark:policy/host@{version}" "[resource-drop]document" (func $drop (param i32)))
              (import "hullmark:policy/host@{version}" "[resource-drop]project" (func $drop-project (param i32)))
              (import "hullmark:policy/host@{version}" "[method]document.text" (func $text (param i32 i32)))
              (import "hullmark:policy/host@{version}" "log" (func $log (param i32 i32 i32 i32)))
              (memory (export "memory") {pages})
              (global $next (mut i32) (i32.const 65536))
              (global $info i32 (i32.const {info}))
              (global $result i32 (i32.const {result}))
              (global $findings i32 (i32.const {findings}))
              (func $allocate (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
                (local $at i32)
                (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
                (global.set $next (i32.add (local.get $at) (local.get $size)))
                (block $enough (loop $more
                  (br_if $enough (i32.le_u (global.get $next) (i32.shl (memory.size) (i32.const 16))))
                  (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable))
                  (br $more)))
                (local.get $at))
              (func (export "hullmark:policy/plugin@{version}#describe") (result i32)
                {describe}
                (global.get $info))
              (func (export "hullmark:policy/plugin@{version}#configure") (param i32 i32) (result i32) (i32.const {fine}))
              (func (export "hullmark:policy/plugin@{version}#check")
                (param $document i32) (param $rules i32) (param $count i32) (result i32)
                {check}
                (call $drop (local.get $document))
                (global.get $result))
              (func (export "hullmark:policy/plugin@{version}#check-project")
                (param $project i32) (param $rules i32) (param $count i32) (result i32)
                (call $drop-project (local.get $project))
                (global.get $result))
              {items}
              (data (i32.const {BASE}) "{bytes}"))"#
        )
    }

    /// The record `plugin-info`.
    fn info(&self, data: &mut Data) -> u32 {
        let rules: Vec<u32> = self.rules.iter().flat_map(|rule| self.rule(rule, data)).collect();
        let rules = data.words(&rules);
        let mut words = Vec::new();
        for text in [self.name.as_str(), "1.2.3", "A plugin for tests.", "", &self.options] {
            words.extend(data.string(text));
        }
        words.extend([rules, self.rules.len() as u32, 0, 0]);
        data.words(&words)
    }

    /// The record `rule`.
    fn rule(&self, name: &str, data: &mut Data) -> Vec<u32> {
        let subjects = data.string("dockerfile").to_vec();
        let subjects = data.words(&subjects);
        let mut words = Vec::new();
        for text in [name, "A rule for tests.", "What it checks: nothing.", &self.level] {
            words.extend(data.string(text));
        }
        // Enabled, tags, no security severity.
        words.extend([1, 0, 0, 0, 0, 0]);
        words.extend(data.string("high"));
        // Aliases, references, subjects, fragments, options schema.
        words.extend([0, 0, 0, 0, subjects, 1, 0, 0, 0]);
        words.extend(data.string("1.0.0"));
        words.extend([0, 0]);
        words
    }
}

impl FindingSpec {
    /// The record `finding`.
    fn words(&self, data: &mut Data) -> Vec<u32> {
        let mut words = Vec::new();
        words.extend(data.string(&self.rule));
        words.extend(data.string(&self.message));
        words.extend([self.document, self.start, self.end, 0, 0]);
        words.extend(self.fixes(data));
        words.extend([0, 0, 0, 0, 0]);
        words
    }

    /// A list of no or one record `fix`.
    fn fixes(&self, data: &mut Data) -> [u32; 2] {
        if self.edits.is_empty() {
            return [0, 0];
        }
        let mut edits = Vec::new();
        for (start, end, text) in &self.edits {
            edits.extend([self.document, *start, *end]);
            edits.extend(data.string(text));
        }
        let edits = data.words(&edits);
        let mut fix = Vec::new();
        fix.extend(data.string("mend it"));
        fix.extend(data.string("safe"));
        fix.extend([edits, self.edits.len() as u32, 0, 0]);
        [data.words(&fix), 1]
    }
}

/// What lies in a guest's memory from [`BASE`] on.
#[derive(Default)]
struct Data {
    bytes: Vec<u8>,
}

impl Data {
    /// Address and length of a text.
    fn string(&mut self, text: &str) -> [u32; 2] {
        let at = self.address();
        self.bytes.extend_from_slice(text.as_bytes());
        [at, text.len() as u32]
    }

    /// Address of a row of numbers.
    fn words(&mut self, words: &[u32]) -> u32 {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let at = self.address();
        self.bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        at
    }

    fn address(&self) -> u32 {
        (BASE + self.bytes.len()) as u32
    }
}
