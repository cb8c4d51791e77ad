/**
 * Names found in a request: what a person writes when pointing at code. Everything here is a guess that is checked against the
 * workspace later, so a false find costs nothing.
 */
import type { Request } from './types.ts';

export interface NamedPlace {
  /** Forward slashes, as written otherwise; may be a file name only. */
  readonly path: string;
  /** Line, from 1, when written as `path:12`. */
  readonly line?: number;
}

export interface RequestNames {
  readonly paths: readonly NamedPlace[];
  /** Identifiers as written: `applyDiscount`, `MAX_SIZE`, `Cart.total`; parts of a dotted name are listed too. */
  readonly identifiers: readonly string[];
  /** Names of tests: quoted text of more than one word, and identifiers that look like a test. */
  readonly tests: readonly string[];
  /** The other words, lower case, without the ones every request has. */
  readonly words: readonly string[];
}

/** Names of each kind that are kept; a pasted log has thousands. */
const mostNames = 40;

/** Words that say nothing about where the work is. */
const stopWords = new Set(
  `a about add added adding after again all also an and any are as at be because been before being both broken bug but by call called can case
  change changes check code correct could create do does doing done each edge else ensure error errors every fail failing fails fault feature file files
  fix fixed fixes fixing for from function functions get gets give given gives had handle has have here how i if implement implementation in instead
  into is issue it its just keep let like line lines look make makes method methods missing module more most must name need needed needs new no
  not now of on one only or other our out over pass passes please problem project properly refactor remove repository request return returned
  returns rewrite same see should so some such support sure test tested testing tests than that the their them then there these they this those
  to too under unit up update updated use used uses using value values very want was way we were what when where which while who why will with
  work working works would write wrong you your`.split(/\s+/),
);

const codeSpan = /(?<!`)`+([^`\n]{1,200})`+/g;
const quoted = /"([^"\n]{2,200})"|“([^”\n]{2,200})”|(?<![\p{L}\p{N}])'([^'\n]{2,200})'(?![\p{L}\p{N}])/gu;
const url = /\b[a-z][a-z0-9+.-]*:\/\/\S+/gi;
const placeToken = /[^\s"'`“”()<>[\]{},;|*?]+/g;
const withLine = /^(.*?)(?::(\d{1,7})(?::\d+)?|#L(\d{1,7}).*)$/;
/** A bare file name counts only with an ending that is no method name: `cart.ts`, not `Cart.total`. */
const fileName =
  /[^/]\.(?:[cm]?[jt]sx?|py|go|rs|java|kts?|rb|php|cs|c|h|cc|cpp|hpp|swift|scala|dart|ex|exs|lua|sh|sql|vue|svelte|html?|s?css|json|ya?ml|toml|md|txt|cfg|ini|xml|gradle|proto)$/i;
const identifierChain = /[\p{L}_$][\p{L}\p{N}_$]*(?:(?:\.|::|#|->)[\p{L}_$][\p{L}\p{N}_$]*)*(\(\))?/gu;

/** camelCase, PascalCase of two humps, snake_case, SCREAMING_CASE, `$name`, or letters with digits. */
function looksLikeCode(name: string): boolean {
  return /\p{Ll}\p{Lu}|\p{L}_\p{L}|\p{L}_\p{N}|^_+\p{L}|\$|\p{Lu}{2}\p{Ll}/u.test(name) || /^\p{Lu}[\p{Lu}\p{N}]{3,}$/u.test(name);
}

function looksLikeTest(name: string): boolean {
  return /^test_\w|^Test[A-Z_]\w*|\w_test$|[a-z]Tests?$/.test(name);
}

/** Finds paths, identifiers and test names in free text, and the words that are left. Order of appearance, each once. */
export function namesIn(text: string): RequestNames {
  const paths = new Map<string, NamedPlace>();
  const identifiers = new Set<string>();
  const tests = new Set<string>();
  const words = new Set<string>();
  const plain = text.slice(0, 20_000).replace(url, ' ');

  const addPath = (token: string): boolean => {
    const trimmed = token.replace(/^[@(]+(?=[./])|(?<![.:!])[.:!]+$/g, '');
    const placed = withLine.exec(trimmed);
    const line = placed === null ? undefined : Number(placed[2] ?? placed[3]);
    const path = (placed?.[1] ?? trimmed).replace(/\\/g, '/').replace(/^(?:\.\/)+/, '');
    const named = fileName.test(path);
    if (path.length < 3 || !(named || (path.includes('/') && /\w/.test(path)))) return false;
    if (paths.size < mostNames && !paths.has(path)) paths.set(path, line === undefined || line < 1 ? { path } : { path, line });
    return named;
  };
  const addIdentifier = (name: string): void => {
    const bare = name.replace(/\(\)$/, '');
    if (identifiers.size >= mostNames || bare.length < 2 || /^\p{N}/u.test(bare)) return;
    identifiers.add(bare);
    for (const part of bare.split(/\.|::|#|->/)) if (part.length > 2 && identifiers.size < mostNames) identifiers.add(part);
    if (looksLikeTest(bare)) tests.add(bare);
  };

  for (const match of plain.matchAll(quoted)) {
    const inside = (match[1] ?? match[2] ?? match[3] ?? '').trim();
    if (/\s/.test(inside) && tests.size < mostNames) tests.add(inside);
    else if (/^[\p{L}_$][\p{L}\p{N}_$]{2,}$/u.test(inside) && (looksLikeCode(inside) || !stopWords.has(inside.toLowerCase())))
      addIdentifier(inside);
  }
  for (const match of plain.matchAll(codeSpan)) {
    const inside = (match[1] ?? '').trim();
    if (addPath(inside)) continue;
    for (const found of inside.matchAll(identifierChain)) addIdentifier(found[0]);
  }
  // A path is one place, not the identifiers in it.
  const rest = plain.replace(codeSpan, ' ').replace(placeToken, (token) => (addPath(token) ? ' ' : token));
  for (const match of rest.matchAll(identifierChain)) {
    const name = match[0];
    if (match[1] !== undefined || looksLikeCode(name) || /\w(?:::|#|->)\w/.test(name)) addIdentifier(name);
    else
      for (const word of name.toLowerCase().split('.'))
        if (word.length > 2 && !stopWords.has(word) && words.size < mostNames * 2) words.add(word);
  }
  return { paths: [...paths.values()], identifiers: [...identifiers], tests: [...tests], words: [...words] };
}

/** A request that names nothing and was asked on nothing is about everything that fails. */
export function pointsAtSomething({ text, files, selection, diagnostic }: Request): boolean {
  const { paths, identifiers, tests } = namesIn(text);
  return files.length + paths.length + identifiers.length + tests.length > 0 || selection !== undefined || diagnostic !== undefined;
}
