/** Webview panels: what a page gets is kept, and a test sends what a page would send. */
import { FakeEventEmitter, FakeUri } from './values.ts';

export class FakeWebviewPanel {
  readonly viewType: string;
  title: string;
  iconPath: unknown;
  visible = true;
  active = true;
  viewColumn = 1;
  disposed = false;
  readonly options: Readonly<Record<string, unknown>>;
  /** Messages to the page, oldest first. */
  readonly posted: unknown[] = [];
  readonly #received = new FakeEventEmitter<unknown>();
  readonly #disposed = new FakeEventEmitter<void>();
  readonly #viewState = new FakeEventEmitter<{ webviewPanel: FakeWebviewPanel }>();
  readonly onDidDispose = this.#disposed.event;
  readonly onDidChangeViewState = this.#viewState.event;
  readonly webview: {
    html: string;
    options: unknown;
    readonly cspSource: string;
    readonly onDidReceiveMessage: FakeEventEmitter<unknown>['event'];
    postMessage(message: unknown): Promise<boolean>;
    asWebviewUri(uri: FakeUri): FakeUri;
  };

  constructor(viewType: string, title: string, options: Readonly<Record<string, unknown>> = {}) {
    this.viewType = viewType;
    this.title = title;
    this.options = options;
    this.webview = {
      html: '',
      options,
      cspSource: 'https://webview.test',
      onDidReceiveMessage: this.#received.event,
      postMessage: async (message) => {
        if (this.disposed) return false;
        // As the real one: what cannot be copied cannot be sent.
        this.posted.push(structuredClone(message));
        return true;
      },
      asWebviewUri: (uri) => FakeUri.from({ scheme: 'https', authority: 'webview.test', path: uri.path }),
    };
  }
  reveal(): void {
    this.show(true);
  }
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.visible = false;
    this.#disposed.fire();
  }

  // What the page or the user does.
  send(message: unknown): void {
    this.#received.fire(structuredClone(message));
  }
  show(visible: boolean): void {
    this.visible = visible;
    this.active = visible;
    this.#viewState.fire({ webviewPanel: this });
  }
}
