/** Text documents and editors: files of the disk, untitled ones, and those of content providers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { FakeEventEmitter, FakePosition, FakeRange, FakeSelection, FakeTabInputText, FakeUri } from './values.ts';

export class FakeDocument {
  readonly uri: FakeUri;
  readonly languageId: string;
  version = 1;
  isClosed = false;
  /** Where it is saved to, when that is not the disk. */
  write: ((text: string) => unknown) | undefined;
  readonly eol = 1;
  #text: string;
  #saved: string;
  constructor(uri: FakeUri, text: string, languageId: string) {
    this.uri = uri;
    this.#text = text;
    this.#saved = uri.scheme === 'untitled' ? '' : text;
    this.languageId = languageId;
  }
  get fileName(): string {
    return this.uri.fsPath;
  }
  get isUntitled(): boolean {
    return this.uri.scheme === 'untitled';
  }
  get isDirty(): boolean {
    return this.#text !== this.#saved;
  }
  get lineCount(): number {
    return this.#lines().length;
  }
  #lines(): string[] {
    return this.#text.split('\n');
  }
  lineAt(at: number | FakePosition): { text: string; lineNumber: number; range: FakeRange } {
    const line = typeof at === 'number' ? at : at.line;
    const text = this.#lines()[line] ?? '';
    return { text, lineNumber: line, range: new FakeRange(line, 0, line, text.length) };
  }
  offsetAt({ line, character }: FakePosition): number {
    const before = this.#lines().slice(0, line);
    return before.reduce((sum, each) => sum + each.length + 1, 0) + character;
  }
  positionAt(offset: number): FakePosition {
    const before = this.#text.slice(0, offset).split('\n');
    return new FakePosition(before.length - 1, before.at(-1)?.length ?? 0);
  }
  getText(range?: FakeRange): string {
    return range === undefined ? this.#text : this.#text.slice(this.offsetAt(range.start), this.offsetAt(range.end));
  }
  validateRange(range: FakeRange): FakeRange {
    return range;
  }
  replace(range: FakeRange, text: string): void {
    this.#text = this.#text.slice(0, this.offsetAt(range.start)) + text + this.#text.slice(this.offsetAt(range.end));
    this.version += 1;
  }
  async save(): Promise<boolean> {
    if (this.write) await this.write(this.#text);
    else if (this.uri.scheme === 'file') writeFileSync(this.uri.fsPath, this.#text);
    this.#saved = this.#text;
    return true;
  }
}

export interface FakeEditor {
  readonly document: FakeDocument;
  selection: FakeSelection;
  selections: readonly FakeSelection[];
  readonly viewColumn: number;
  edit(make: (edit: { replace: unknown; insert: unknown; delete: unknown }) => void): Promise<boolean>;
  revealRange(range: FakeRange): void;
  setDecorations(type: unknown, ranges: readonly unknown[]): void;
}

interface ContentProvider {
  provideTextDocumentContent(uri: FakeUri, token: unknown): unknown;
  readonly onDidChange?: (listener: (uri: FakeUri) => void) => unknown;
}

interface FileProvider {
  readFile(uri: FakeUri): Uint8Array | Promise<Uint8Array>;
  writeFile(uri: FakeUri, content: Uint8Array, options: unknown): void | Promise<void>;
}

export function createDocuments() {
  const documents: FakeDocument[] = [];
  const editors: FakeEditor[] = [];
  const providers = new Map<string, ContentProvider>();
  const fileProviders = new Map<string, FileProvider>();
  const changed = new FakeEventEmitter<{ document: FakeDocument; contentChanges: readonly unknown[] }>();
  const opened = new FakeEventEmitter<FakeDocument>();
  const closed = new FakeEventEmitter<FakeDocument>();
  const saved = new FakeEventEmitter<FakeDocument>();
  const activeChanged = new FakeEventEmitter<FakeEditor | undefined>();
  let active: FakeEditor | undefined;
  let untitled = 0;

  const find = (uri: FakeUri): FakeDocument | undefined => documents.find((document) => document.uri.toString() === uri.toString());
  const add = (document: FakeDocument): FakeDocument => {
    documents.push(document);
    opened.fire(document);
    return document;
  };

  const open = async (what: FakeUri | string | { language?: string; content?: string } = {}): Promise<FakeDocument> => {
    if (typeof what === 'string') return open(FakeUri.file(what));
    if (!(what instanceof FakeUri)) {
      untitled += 1;
      return add(
        new FakeDocument(
          FakeUri.from({ scheme: 'untitled', path: `Untitled-${untitled}` }),
          what.content ?? '',
          what.language ?? 'plaintext',
        ),
      );
    }
    const there = find(what);
    if (there !== undefined) return there;
    if (what.scheme === 'file') return add(new FakeDocument(what, readFileSync(what.fsPath, 'utf8'), languageOf(what.path)));
    const files = fileProviders.get(what.scheme);
    if (files !== undefined) {
      const document = new FakeDocument(what, new TextDecoder().decode(await files.readFile(what)), languageOf(what.path));
      document.write = (text) => files.writeFile(what, new TextEncoder().encode(text), { create: false, overwrite: true });
      return add(document);
    }
    const provider = providers.get(what.scheme);
    if (provider === undefined) throw new Error(`Nothing provides documents of ${what.scheme}.`);
    return add(new FakeDocument(what, String(await provider.provideTextDocumentContent(what, undefined)), languageOf(what.path)));
  };

  const editorOf = (document: FakeDocument): FakeEditor => {
    const edit: FakeEditor['edit'] = async (make) => {
      const replace = (range: FakeRange, text: string): void => document.replace(range, text);
      make({
        replace,
        insert: (at: FakePosition, text: string) => replace(new FakeRange(at, at), text),
        delete: (range: FakeRange) => replace(range, ''),
      });
      changed.fire({ document, contentChanges: [{}] });
      return true;
    };
    const selection = new FakeSelection(0, 0, 0, 0);
    return { document, selection, selections: [selection], viewColumn: 1, edit, revealRange: () => {}, setDecorations: () => {} };
  };

  const show = async (what: FakeUri | FakeDocument, options: { readonly selection?: FakeRange } = {}): Promise<FakeEditor> => {
    const document = what instanceof FakeDocument ? what : await open(what);
    let editor = editors.find((each) => each.document === document);
    if (editor === undefined) {
      editor = editorOf(document);
      editors.push(editor);
    }
    const { start, end } = options.selection ?? {};
    if (start && end) editor.selection = new FakeSelection(start.line, start.character, end.line, end.character);
    active = editor;
    activeChanged.fire(editor);
    return editor;
  };

  const change = (document: FakeDocument, text: string): void => {
    document.replace(new FakeRange(new FakePosition(0, 0), document.positionAt(document.getText().length)), text);
    changed.fire({ document, contentChanges: [{}] });
  };

  const close = (uri: FakeUri): void => {
    const index = editors.findIndex(({ document }) => document.uri.toString() === uri.toString());
    if (index < 0) return;
    const [editor] = editors.splice(index, 1);
    if (active === editor) active = editors.at(-1);
    const document = find(uri);
    if (document === undefined) return;
    document.isClosed = true;
    documents.splice(documents.indexOf(document), 1);
    closed.fire(document);
  };

  return {
    documents,
    editors,
    providers,
    fileProviders,
    events: { changed, opened, closed, saved, activeChanged },
    active: () => active,
    open,
    show,
    change,
    close,
    tabs: () =>
      editors.map(({ document }) => ({ input: new FakeTabInputText(document.uri), label: document.uri.path, isDirty: document.isDirty })),
  };
}

const languages: Readonly<Record<string, string>> = {
  js: 'javascript',
  ts: 'typescript',
  json: 'json',
  md: 'markdown',
  yaml: 'yaml',
  py: 'python',
};
const languageOf = (path: string): string => languages[path.split('.').at(-1) ?? ''] ?? 'plaintext';
