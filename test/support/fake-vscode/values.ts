/** The value classes of the `vscode` API that the extension makes: small, with the real ones' meaning. */
import path from 'node:path';

export class FakeDisposable {
  readonly #end: () => void;
  constructor(end: () => void) {
    this.#end = end;
  }
  dispose(): void {
    this.#end();
  }
  static from(...all: { dispose(): unknown }[]): FakeDisposable {
    return new FakeDisposable(() => {
      for (const each of all) each.dispose();
    });
  }
}

export class FakeEventEmitter<T> {
  readonly #listeners = new Set<(value: T) => unknown>();
  readonly event = (listener: (value: T) => unknown, self?: unknown, disposables?: { dispose(): unknown }[]): FakeDisposable => {
    const bound = self === undefined ? listener : listener.bind(self);
    this.#listeners.add(bound);
    const subscription = new FakeDisposable(() => this.#listeners.delete(bound));
    disposables?.push(subscription);
    return subscription;
  };
  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
  get listeners(): number {
    return this.#listeners.size;
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

export class FakeUri {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
  private constructor(parts: { scheme: string; authority?: string; path?: string; query?: string; fragment?: string }) {
    this.scheme = parts.scheme;
    this.authority = parts.authority ?? '';
    this.path = parts.path ?? '';
    this.query = parts.query ?? '';
    this.fragment = parts.fragment ?? '';
  }
  static file(file: string): FakeUri {
    return new FakeUri({ scheme: 'file', path: file });
  }
  static from(parts: { scheme: string; authority?: string; path?: string; query?: string; fragment?: string }): FakeUri {
    return new FakeUri(parts);
  }
  static parse(text: string): FakeUri {
    const match = /^([a-z][\w+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is.exec(text);
    if (match === null) throw new Error(`not a uri: ${text}`);
    const [, scheme = '', authority, way, query, fragment] = match;
    return new FakeUri({
      scheme,
      authority,
      path: decodeURIComponent(way ?? ''),
      query: decodeURIComponent(query ?? ''),
      fragment: decodeURIComponent(fragment ?? ''),
    });
  }
  static joinPath(base: FakeUri, ...more: string[]): FakeUri {
    return base.with({ path: path.posix.join(base.path, ...more) });
  }
  get fsPath(): string {
    return this.path;
  }
  with(change: Partial<Record<'scheme' | 'authority' | 'path' | 'query' | 'fragment', string>>): FakeUri {
    return new FakeUri({ ...this.toJSON(), ...change });
  }
  toString(): string {
    const authority = this.authority !== '' || this.scheme === 'file' ? `//${this.authority}` : '';
    const query = this.query === '' ? '' : `?${encodeURIComponent(this.query)}`;
    const fragment = this.fragment === '' ? '' : `#${encodeURIComponent(this.fragment)}`;
    return `${this.scheme}:${authority}${encodeURI(this.path)}${query}${fragment}`;
  }
  toJSON(): { scheme: string; authority: string; path: string; query: string; fragment: string } {
    return { scheme: this.scheme, authority: this.authority, path: this.path, query: this.query, fragment: this.fragment };
  }
}

export class FakePosition {
  readonly line: number;
  readonly character: number;
  constructor(line: number, character: number) {
    this.line = line;
    this.character = character;
  }
  isBefore(other: FakePosition): boolean {
    return this.line < other.line || (this.line === other.line && this.character < other.character);
  }
  isEqual(other: FakePosition): boolean {
    return this.line === other.line && this.character === other.character;
  }
  translate(lines = 0, characters = 0): FakePosition {
    return new FakePosition(this.line + lines, this.character + characters);
  }
}

export class FakeRange {
  readonly start: FakePosition;
  readonly end: FakePosition;
  constructor(...at: [FakePosition, FakePosition] | [number, number, number, number]) {
    const [a, b] = at.length === 2 ? at : [new FakePosition(at[0], at[1]), new FakePosition(at[2], at[3])];
    [this.start, this.end] = b.isBefore(a) ? [b, a] : [a, b];
  }
  get isEmpty(): boolean {
    return this.start.isEqual(this.end);
  }
  get isSingleLine(): boolean {
    return this.start.line === this.end.line;
  }
  contains(other: FakeRange | FakePosition): boolean {
    const [from, to] = other instanceof FakePosition ? [other, other] : [other.start, other.end];
    return !from.isBefore(this.start) && !this.end.isBefore(to);
  }
  union(other: FakeRange): FakeRange {
    const start = other.start.isBefore(this.start) ? other.start : this.start;
    return new FakeRange(start, this.end.isBefore(other.end) ? other.end : this.end);
  }
}

export class FakeSelection extends FakeRange {
  get active(): FakePosition {
    return this.end;
  }
  get anchor(): FakePosition {
    return this.start;
  }
}

export class FakeThemeColor {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

export class FakeThemeIcon {
  readonly id: string;
  readonly color: FakeThemeColor | undefined;
  constructor(id: string, color?: FakeThemeColor) {
    this.id = id;
    this.color = color;
  }
}

export class FakeMarkdownString {
  value: string;
  isTrusted = false;
  supportThemeIcons = false;
  constructor(value = '') {
    this.value = value;
  }
  appendText(text: string): this {
    this.value += text.replace(/[\\`*_{}[\]()#+\-!~]/g, '\\$&');
    return this;
  }
  appendMarkdown(text: string): this {
    this.value += text;
    return this;
  }
  appendCodeblock(text: string, language = ''): this {
    this.value += `\n\`\`\`${language}\n${text}\n\`\`\`\n`;
    return this;
  }
}

export class FakeTreeItem {
  label: unknown;
  collapsibleState: number;
  [more: string]: unknown;
  constructor(label: unknown, collapsibleState = 0) {
    this.label = label;
    this.collapsibleState = collapsibleState;
  }
}

/** Classes that only hold what they were made with. */
export class FakeCodeLens {
  readonly range: FakeRange;
  command: unknown;
  constructor(range: FakeRange, command?: unknown) {
    this.range = range;
    this.command = command;
  }
  get isResolved(): boolean {
    return this.command !== undefined;
  }
}

/** What a drag or the clipboard holds: strings by their mime types, and files. */
export class FakeDataTransfer {
  readonly #items: ReadonlyMap<string, unknown>;
  constructor(strings: Readonly<Record<string, string>>, files: readonly { name: string; uri?: FakeUri; bytes: Uint8Array }[] = []) {
    this.#items = new Map<string, unknown>([
      ...Object.entries(strings).map(([type, text]): [string, unknown] => [type, { asString: async () => text, asFile: () => undefined }]),
      ...files.map(({ name, uri, bytes }, index): [string, unknown] => [
        `file ${index}`,
        { asString: async () => '', asFile: () => ({ name, uri, data: async () => bytes }) },
      ]),
    ]);
  }
  get(type: string): unknown {
    return this.#items.get(type);
  }
  [Symbol.iterator](): IterableIterator<[string, unknown]> {
    return this.#items.entries();
  }
}

export class FakeDropOrPasteKind {
  static readonly Empty = new FakeDropOrPasteKind('');
  readonly value: string;
  private constructor(value: string) {
    this.value = value;
  }
  append(...parts: string[]): FakeDropOrPasteKind {
    return new FakeDropOrPasteKind([this.value, ...parts].filter(Boolean).join('.'));
  }
}

/** What is written into a document for what was pasted or dropped. */
export class FakeDropOrPasteEdit {
  readonly insertText: string;
  readonly title: string;
  readonly kind: FakeDropOrPasteKind;
  constructor(insertText: string, title: string, kind: FakeDropOrPasteKind) {
    this.insertText = insertText;
    this.title = title;
    this.kind = kind;
  }
}

export class FakeCodeAction {
  readonly title: string;
  readonly kind: unknown;
  command: unknown;
  diagnostics: unknown;
  constructor(title: string, kind: unknown) {
    this.title = title;
    this.kind = kind;
  }
}

export class FakeCompletionItem {
  readonly label: string;
  readonly kind: number;
  insertText: unknown;
  detail: string | undefined;
  documentation: unknown;
  constructor(label: string, kind: number) {
    this.label = label;
    this.kind = kind;
  }
}

export class FakeHover {
  readonly contents: unknown;
  constructor(contents: unknown) {
    this.contents = contents;
  }
}

/** Changes to documents, collected to be applied at once. */
export class FakeWorkspaceEdit {
  readonly changes: { readonly uri: FakeUri; readonly range: FakeRange; readonly text: string }[] = [];
  replace(uri: FakeUri, range: FakeRange, text: string): void {
    this.changes.push({ uri, range, text });
  }
  delete(uri: FakeUri, range: FakeRange): void {
    this.replace(uri, range, '');
  }
}

export class FakeFileSystemError extends Error {
  readonly code: string;
  constructor(uri: FakeUri, code: string) {
    super(`${code}: ${uri.toString()}`);
    this.code = code;
  }
  static FileNotFound(uri: FakeUri): FakeFileSystemError {
    return new FakeFileSystemError(uri, 'FileNotFound');
  }
  static NoPermissions(uri: FakeUri): FakeFileSystemError {
    return new FakeFileSystemError(uri, 'NoPermissions');
  }
}

export class FakeDiagnostic {
  readonly range: FakeRange;
  readonly message: string;
  readonly severity: number;
  source: string | undefined;
  code: unknown;
  constructor(range: FakeRange, message: string, severity = 0) {
    this.range = range;
    this.message = message;
    this.severity = severity;
  }
}

export class FakeLocation {
  readonly uri: FakeUri;
  readonly range: FakeRange;
  constructor(uri: FakeUri, range: FakeRange) {
    this.uri = uri;
    this.range = range;
  }
}

export class FakeRelativePattern {
  readonly baseUri: FakeUri;
  readonly pattern: string;
  constructor(base: FakeUri | { uri: FakeUri }, pattern: string) {
    this.baseUri = base instanceof FakeUri ? base : base.uri;
    this.pattern = pattern;
  }
}

export class FakeTabInputText {
  readonly uri: FakeUri;
  constructor(uri: FakeUri) {
    this.uri = uri;
  }
}

export class FakeCancellationTokenSource {
  readonly #cancelled = new FakeEventEmitter<void>();
  readonly token = { isCancellationRequested: false, onCancellationRequested: this.#cancelled.event };
  cancel(): void {
    if (this.token.isCancellationRequested) return;
    this.token.isCancellationRequested = true;
    this.#cancelled.fire();
  }
  dispose(): void {
    this.#cancelled.dispose();
  }
}
