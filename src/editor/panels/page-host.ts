/** One tab: its HTML under a strict content policy, messages that are checked both ways, and no work while nobody looks. */
import { randomBytes } from 'node:crypto';
import type * as vscode from 'vscode';
import { errorText } from '../../errors.ts';
import {
  type Command,
  messageVersion,
  type PageModel,
  type PageName,
  type PageSetup,
  pageModelSchema,
  type ToPage,
  toHostSchema,
} from '../../webviews/messages-types.ts';
import type { StreamPart } from '../../webviews/run-types.ts';
import { pageStrings } from '../../webviews/strings.ts';
import type { EditorHost } from '../flow-types.ts';

/** Least time between two models, ms: ten a second are as many as anyone can read. */
const pause = 100;

export interface PageHost {
  readonly panel: vscode.WebviewPanel;
  /** What is shown has changed. Sent when the page can take it, several changes at once. */
  refresh(): void;
  /** Text that streams; thrown away while the page is hidden, so the model must be able to say it again. */
  stream(parts: readonly StreamPart[]): void;
  onDidDispose(listener: () => void): void;
}

export interface PageOptions {
  readonly page: PageName;
  readonly runId?: string;
  readonly model: () => PageModel | Promise<PageModel>;
  /** What the page asks for. What it throws is shown to the user. */
  readonly command: (command: Exclude<Command, { type: 'ready' }>) => unknown;
  /** After a model was sent because the page was made anew: what else it needs. */
  readonly standing?: () => void;
}

export function hostPage(host: EditorHost, panel: vscode.WebviewPanel, options: PageOptions): PageHost {
  const { webview } = panel;
  const folder = host.vscode.Uri.joinPath(host.context.extensionUri, 'dist', 'webviews');
  const disposed: (() => void)[] = [];
  let ready = false;
  let ended = false;
  let changed = false;
  let toldFailure = '';
  /** Models that were begun, and the number of the newest that was sent. */
  let begun = 0;
  let sent = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const post = (message: ToPage): void => {
    webview.postMessage({ v: messageVersion, message }).then(undefined, (error: unknown) => {
      if (!ended) host.log.warn(`A message to the page "${options.page}" was lost: ${errorText(error)}`);
    });
  };
  const send = async (): Promise<void> => {
    changed = false;
    begun += 1;
    const own = begun;
    try {
      const model = pageModelSchema.parse(await options.model());
      // A model that took longer than a later one is of a time that is over.
      if (ready && !ended && own > sent) {
        sent = own;
        post({ type: 'model', model });
      }
      toldFailure = '';
    } catch (error) {
      if (ended) return;
      // The next change meets the same failure; the user has heard it.
      if (errorText(error) === toldFailure) return;
      toldFailure = errorText(error);
      await host.showFailure(error);
    }
  };
  const schedule = (): void => {
    if (!ready || ended || !changed || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (ready && changed) void send();
    }, pause);
  };

  webview.onDidReceiveMessage(async (raw: unknown) => {
    const parsed = toHostSchema.safeParse(raw);
    if (!parsed.success) {
      host.log.warn(`The page "${options.page}" sent a message that is none of ours; it was dropped: ${parsed.error.message}`);
      return;
    }
    const { command } = parsed.data;
    if (command.type === 'ready') {
      ready = panel.visible;
      await send();
      options.standing?.();
      return;
    }
    try {
      await options.command(command);
    } catch (error) {
      await host.showFailure(error);
    }
  });
  panel.onDidChangeViewState(() => {
    // A hidden page is thrown away by VS Code, and says that it is ready when it stands again.
    if (!panel.visible) ready = false;
  });
  panel.onDidDispose(() => {
    ended = true;
    ready = false;
    if (timer !== undefined) clearTimeout(timer);
    for (const listener of disposed) listener();
  });

  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  const setup: PageSetup = {
    page: options.page,
    ...(options.runId !== undefined && { runId: options.runId }),
    locale: host.vscode.env.language,
    strings: pageStrings(host.vscode.l10n.t),
  };
  webview.html = pageHtml({
    script: String(webview.asWebviewUri(host.vscode.Uri.joinPath(folder, 'pages.js'))),
    style: String(webview.asWebviewUri(host.vscode.Uri.joinPath(folder, 'pages.css'))),
    source: webview.cspSource,
    nonce: randomBytes(18).toString('base64'),
    title: panel.title,
    setup,
  });

  return {
    panel,
    refresh() {
      changed = true;
      schedule();
    },
    stream(parts) {
      if (ready && !ended && parts.length > 0) post({ type: 'stream', parts: [...parts] });
    },
    onDidDispose(listener) {
      disposed.push(listener);
    },
  };
}

export interface PageHtml {
  readonly script: string;
  readonly style: string;
  /** The origin of the page's own files. */
  readonly source: string;
  readonly nonce: string;
  readonly title: string;
  readonly setup: PageSetup;
}

/** The whole page. Nothing is loaded but one script and one style sheet of ours; everything else is forbidden. */
export function pageHtml({ script, style, source, nonce, title, setup }: PageHtml): string {
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${source}; img-src data:; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="${escaped(setup.locale)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="stylesheet" href="${escaped(style)}">
</head>
<body>
<div id="page" data-setup="${escaped(JSON.stringify(setup))}"></div>
<script nonce="${nonce}" src="${escaped(script)}"></script>
</body>
</html>
`;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
