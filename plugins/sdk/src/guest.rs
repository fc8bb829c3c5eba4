//! The component side: calls from the host become calls of rules. Only in a component.

use std::cell::{OnceCell, RefCell};

use crate::bindings::exports::hullmark::policy::plugin as exported;
use crate::bindings::hullmark::policy::host;
use crate::bindings::hullmark::policy::types as wit;
use crate::document::Document;
use crate::host::{DocumentHost, ProjectHost};
use crate::plugin::{Configured, Plugin};
use crate::project::Project;
use crate::report::{Finding, Place};

thread_local! {
    static CONFIGURED: RefCell<Option<Configured>> = const { RefCell::new(None) };
    static HOOK: OnceCell<()> = const { OnceCell::new() };
}

/// What [`plugin!`](crate::plugin!) implements for a component.
pub trait Guest {
    /// The plugin of the crate.
    fn plugin() -> &'static Plugin;
}

impl<T: Guest> exported::Guest for T {
    fn describe() -> wit::PluginInfo {
        tell_panics();
        T::plugin().describe()
    }

    fn configure(options: String) -> Result<(), Vec<wit::OptionError>> {
        tell_panics();
        let configured = T::plugin().configure(&options).map_err(|faults| {
            faults
                .into_iter()
                .map(|fault| wit::OptionError { pointer: fault.pointer, message: fault.message })
                .collect::<Vec<_>>()
        })?;
        CONFIGURED.set(Some(configured));
        Ok(())
    }

    fn check(document: &host::Document, rules: Vec<u32>) -> Result<Vec<wit::Finding>, String> {
        let document = Document::new(Box::new(document));
        with_configured(T::plugin(), |configured| configured.check(&document, &rules))
    }

    fn check_project(project: &host::Project, rules: Vec<u32>) -> Result<Vec<wit::Finding>, String> {
        let project = Project::new(Box::new(project));
        with_configured(T::plugin(), |configured| configured.check_project(&project, &rules))
    }
}

/// Brings a panic's message to the user: nothing else survives the trap.
fn tell_panics() {
    HOOK.with(|hook| {
        hook.get_or_init(|| {
            std::panic::set_hook(Box::new(|panic| host::log("error", &panic.to_string())));
        });
    });
}

fn with_configured(
    plugin: &'static Plugin,
    run: impl FnOnce(&Configured) -> Vec<Finding>,
) -> Result<Vec<wit::Finding>, String> {
    CONFIGURED.with_borrow_mut(|configured| {
        if configured.is_none() {
            *configured = Some(plugin.configure("").map_err(|_| "the default options are refused".to_owned())?);
        }
        Ok(configured.as_ref().map(run).unwrap_or_default().into_iter().map(finding).collect())
    })
}

fn place(place: Place) -> wit::Place {
    wit::Place { document: place.document, at: wit::Span { start: place.span.start, end: place.span.end } }
}

fn finding(finding: Finding) -> wit::Finding {
    let related = finding.related.into_iter().map(|(at, message)| wit::Related {
        at: place(at),
        message,
        properties: Vec::new(),
    });
    let fixes = finding.fixes.into_iter().map(|fix| wit::Fix {
        title: fix.title,
        applicability: if fix.safe { "safe" } else { "unsafe" }.to_owned(),
        edits: fix.edits.into_iter().map(|edit| wit::Edit { at: place(edit.at), text: edit.text }).collect(),
        properties: Vec::new(),
    });
    wit::Finding {
        rule: finding.rule,
        message: finding.message,
        at: place(finding.at),
        related: related.collect(),
        fixes: fixes.collect(),
        aliases: finding.aliases.map(|aliases| aliases.into_iter().map(Into::into).collect()),
        properties: finding.properties.into_iter().map(|(name, value)| wit::Property { name, value }).collect(),
    }
}

macro_rules! document_host {
    ($type:ty) => {
        impl DocumentHost for $type {
            fn id(&self) -> u32 {
                host::Document::id(self)
            }
            fn path(&self) -> String {
                host::Document::path(self)
            }
            fn language(&self) -> String {
                host::Document::language(self)
            }
            fn traits(&self) -> Vec<String> {
                host::Document::traits(self)
            }
            fn text(&self) -> String {
                host::Document::text(self)
            }
            fn text_at(&self, at: wit::Span) -> String {
                host::Document::text_at(self, at)
            }
            fn tree(&self) -> wit::Tree {
                host::Document::tree(self)
            }
            fn stages(&self) -> wit::Stages {
                host::Document::stages(self)
            }
            fn commands(&self) -> wit::Commands {
                host::Document::commands(self)
            }
            fn shell_syntax(&self) -> wit::ShellSyntax {
                host::Document::shell_syntax(self)
            }
            fn objects(&self) -> wit::Objects {
                host::Document::objects(self)
            }
            fn pods(&self) -> wit::Pods {
                host::Document::pods(self)
            }
            fn variables(&self) -> wit::Variables {
                host::Document::variables(self)
            }
            fn ignore_file(&self) -> Option<wit::IgnoreFile> {
                host::Document::ignore_file(self)
            }
        }
    };
}

document_host!(&host::Document);
document_host!(host::Document);

impl ProjectHost for &host::Project {
    fn documents(&self) -> Vec<u32> {
        host::Project::documents(self)
    }
    fn document(&self, id: u32) -> Option<Box<dyn DocumentHost>> {
        host::Project::document(self, id).map(|document| Box::new(document) as Box<dyn DocumentHost>)
    }
    fn objects(&self, kinds: &[String]) -> wit::ProjectObjects {
        host::Project::objects(self, kinds)
    }
    fn pods(&self) -> wit::ProjectPods {
        host::Project::pods(self)
    }
    fn select(&self, document: u32, node: u32, namespace: Option<&str>, plain: bool) -> Vec<u32> {
        host::Project::select(self, document, node, namespace, plain)
    }
    fn may_share_namespace(&self, one: Option<&str>, other: Option<&str>) -> bool {
        host::Project::may_share_namespace(self, one, other)
    }
    fn builds(&self, declared: &[(&str, &str)]) -> wit::ProjectBuilds {
        let property = |&(name, value): &(&str, &str)| wit::Property { name: name.into(), value: value.into() };
        host::Project::builds(self, &declared.iter().map(property).collect::<Vec<_>>())
    }
}

pub(crate) fn parse_image(text: &str) -> Option<wit::ImageReference> {
    host::parse_image(text)
}

pub(crate) fn parse_quantity(text: &str) -> Result<wit::Quantity, String> {
    host::parse_quantity(text)
}
