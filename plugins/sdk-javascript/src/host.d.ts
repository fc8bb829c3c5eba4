// The part of wit/policy.wit that this package uses, as componentize-qjs hands it over. Columns of numbers are arrays, those
// of bytes are `Uint8Array`; `option` is null where there is nothing.
declare module "hullmark:policy/host@0.1.0" {
  type Column = ArrayLike<number>;

  interface Span { start: number; end: number }
  interface StringTable { bytes: Uint8Array; ends: Column }

  interface Tree {
    kinds: Column; parents: Column; keys: Column; values: Column; starts: Column; ends: Column;
    keyStarts: Column; keyEnds: Column; aliases: Column; aliasStarts: Column; aliasEnds: Column;
    strings: StringTable;
  }
  interface Stages {
    nodes: Column; froms: Column; parents: Column; bases: Column; shipped: Column; strings: StringTable;
  }
  interface Variables {
    nodes: Column; values: Column; complete: Column; referenceNodes: Column; referenceNames: Column;
    referenceStarts: Column; referenceEnds: Column; referenceStates: Column; referenceDefaults: Column;
    strings: StringTable;
  }
  interface IgnoreFile { path: string; text: string }
  interface ScriptColumns {
    nodes: Column; commands: Column; shells: Column; options: Column; states: Column; starts: Column; ends: Column;
    knownEnds: Column;
  }
  interface CommandColumns {
    scripts: Column; parents: Column; contexts: Column; pipelines: Column; joins: Column; joinStarts: Column;
    joinEnds: Column; starts: Column; ends: Column; firstWords: Column; lastWords: Column;
  }
  interface WordColumns {
    starts: Column; ends: Column; values: Column; raws: Column; resolved: Column; contents: Column;
  }
  interface AssignmentColumns { commands: Column; names: Column; starts: Column; words: Column }
  interface RedirectionColumns {
    commands: Column; operators: Column; descriptors: Column; starts: Column; words: Column; bodies: Column;
  }
  interface Commands {
    scripts: ScriptColumns; commands: CommandColumns; words: WordColumns; assignments: AssignmentColumns;
    redirections: RedirectionColumns; strings: StringTable;
  }
  interface PartColumns {
    words: Column; parents: Column; kinds: Column; names: Column; operators: Column; subscripts: Column;
    resolved: Column; starts: Column; ends: Column; firstCommands: Column; lastCommands: Column;
  }
  interface CompoundColumns {
    scripts: Column; kinds: Column; names: Column; firstWords: Column; lastWords: Column; firstCommands: Column;
    lastCommands: Column; starts: Column; ends: Column; headEnds: Column;
  }
  interface ShellSyntax { parts: PartColumns; compounds: CompoundColumns }
  interface Objects {
    nodes: Column; apiVersions: Column; kinds: Column; names: Column; namespaces: Column; strings: StringTable;
  }
  interface Pods {
    objects: Column; templates: Column; specs: Column; containerPods: Column; containerNodes: Column;
    containerRoles: Column;
  }
  interface ImageReference {
    registry: string; repository: string; tag: string | null; digest: string | null; explicitRegistry: boolean;
    nameAt: Span; tagAt: Span; digestAt: Span;
  }
  interface Quantity { units: number; nanos: number }
  interface Property { name: string; value: string }
  interface ProjectObjects {
    documents: Column; nodes: Column; apiVersions: Column; kinds: Column; names: Column; namespaces: Column;
    strings: StringTable;
  }
  interface ProjectPods {
    documents: Column; indexes: Column; objectNodes: Column; specs: Column; kinds: Column; names: Column;
    namespaces: Column; strings: StringTable;
  }
  interface ProjectBuilds { dockerfiles: Column; documents: Column; containers: Column }

  interface Document {
    id(): number;
    path(): string;
    language(): string;
    traits(): string[];
    text(): string;
    textAt(at: Span): string;
    tree(): Tree;
    stages(): Stages;
    objects(): Objects;
    pods(): Pods;
    toJson(node: number): string;
    locate(node: number, pointer: string, nearest: boolean): Span | null;
    variables(): Variables;
    ignoreFile(): IgnoreFile | null;
    commands(): Commands;
    shellSyntax(): ShellSyntax;
  }

  interface Project {
    documents(): ArrayLike<number>;
    document(id: number): Document | null;
    objects(kinds: string[]): ProjectObjects;
    pods(): ProjectPods;
    select(document: number, node: number, namespace: string | null, plain: boolean): ArrayLike<number>;
    mayShareNamespace(one: string | null, other: string | null): boolean;
    builds(declared: Property[]): ProjectBuilds;
  }

  function parseImage(text: string): ImageReference | null;
  function parseQuantity(text: string): Quantity;
  function log(level: string, message: string): void;
}
