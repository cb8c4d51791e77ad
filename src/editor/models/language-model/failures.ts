/** What goes wrong between us and a language model of VS Code, told as one of our own errors. */
import { errorText, type Spent, TeamwrightError } from '../../../errors.ts';

const longestDetail = 300;

export type VscodeModelFailure =
  | 'not-allowed'
  | 'blocked'
  | 'gone'
  | 'busy'
  | 'off-topic'
  | 'filtered'
  | 'too-long'
  | 'unreachable'
  | 'broken-off'
  | 'empty'
  | 'failed';

/** `model` as `vendor/name`. */
export function vscodeModelFailed(kind: VscodeModelFailure, model: string, detail: string, spent: Spent = {}): TeamwrightError {
  const facts = { endpoint: 'vscode', model, detail };
  switch (kind) {
    case 'not-allowed':
      return new TeamwrightError('model-unauthorized', { ...facts, why: 'no-consent' }, spent);
    case 'blocked':
      return new TeamwrightError('model-unauthorized', { ...facts, why: 'quota' }, spent);
    case 'gone':
      return new TeamwrightError('model-not-found', facts, spent);
    case 'busy':
      return new TeamwrightError('model-rate-limited', facts, spent);
    case 'off-topic':
    case 'filtered':
      return new TeamwrightError('model-refused', { ...facts, why: kind }, spent);
    case 'too-long':
      return new TeamwrightError('model-context-full', facts, spent);
    case 'unreachable':
      return new TeamwrightError('model-unreachable', facts, spent);
    case 'broken-off':
      return new TeamwrightError('model-half-stream', facts, spent);
    case 'empty':
      return new TeamwrightError('model-bad-reply', { ...facts, why: 'empty' }, spent);
    case 'failed':
      return new TeamwrightError('model-server-error', facts, spent);
  }
}

/** Words of providers, in the order in which they are looked for. VS Code has no codes for these. */
const telling: readonly (readonly [RegExp, VscodeModelFailure])[] = [
  [/off[_ -]?topic/i, 'off-topic'],
  [/quota|insufficient (balance|credit|funds)|premium requests?.{0,40}(exhausted|used up|limit)|billing|\b402\b/i, 'blocked'],
  [/rate.?limit|too many requests|\b429\b/i, 'busy'],
  [/content.?filter|filtered|responsible ai|\brai\b|public code/i, 'filtered'],
  [/exceeds? (the )?(token|context)|context.?(length|window)|too (long|many tokens)|token limit|\b413\b/i, 'too-long'],
  [/fetch failed|network|ENOTFOUND|ECONN\w+|EAI_AGAIN|ETIMEDOUT|net::|socket hang up|offline/i, 'unreachable'],
  [/unauthori[sz]ed|forbidden|not (signed|logged) in|sign in|\b40[13]\b/i, 'not-allowed'],
  [/\bnot.?found|does not exist|unknown model|not supported by|\b404\b/i, 'gone'],
];

/** `NoPermissions`, `Blocked` and `NotFound` are VS Code's own codes; for all others the words of the error and of its causes decide. */
export function languageModelFailure(error: unknown, model: string, spent: Spent = {}): TeamwrightError {
  const { kind, detail } = classify(error);
  return vscodeModelFailed(kind, model, detail, spent);
}

/** `midway`: a part of the reply had come. */
export function classify(error: unknown, midway = false): { readonly kind: VscodeModelFailure; readonly detail: string } {
  const detail = wordsOf(error);
  const kind = kindOf(error, detail);
  return { kind: midway && (kind === 'failed' || kind === 'unreachable') ? 'broken-off' : kind, detail };
}

function kindOf(error: unknown, detail: string): VscodeModelFailure {
  // VS Code's class is not asked: errors that crossed a process may be of another one.
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'NoPermissions') return 'not-allowed';
  if (code === 'Blocked') return telling.find(([words, kind]) => kind === 'busy' && words.test(detail))?.[1] ?? 'blocked';
  if (code === 'NotFound') return 'gone';
  return telling.find(([words]) => words.test(detail))?.[1] ?? 'failed';
}

/** The error and its causes, each said once. */
function wordsOf(error: unknown): string {
  const said: string[] = [];
  for (let at = error, depth = 0; at !== undefined && at !== null && depth < 5; depth++) {
    const text = errorText(at).replace(/\s+/g, ' ').trim();
    if (text !== '' && !said.some((known) => known.includes(text))) said.push(text);
    at = at instanceof Error ? at.cause : undefined;
  }
  const all = said.join(': ');
  return all.length > longestDetail ? `${all.slice(0, longestDetail)}…` : all;
}
