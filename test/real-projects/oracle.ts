/**
 * A scripted model that knows the real fix and hands it over in whatever form it is asked for: it shows what Teamwright does with a right
 * reply in a real project, and nothing of what models can do.
 */
import type { ChatBody, ReplySpec } from '../support/scripted-server.ts';
import type { FixedFile, Hunk } from './fix.ts';

export interface Oracle {
  readonly answer: (body: ChatBody) => ReplySpec;
  /** What the first call that was asked to change files was told. */
  readonly prompt: () => string;
}

/**
 * `comment`: the first reply only leaves a comment where the fix belongs. `broken`: it leaves a line there that does not parse. What it left is
 * taken away again by the next one, where it is still there.
 */
export type WrongFirst = 'comment' | 'broken';

export function oracle(files: readonly FixedFile[], wrongFirst?: WrongFirst): Oracle {
  let attempts = 0;
  let prompt = '';
  const scar = (path: string): string => {
    const comment = `${/\.(py|pyi)$/.test(path) ? '#' : '//'} a wrong attempt`;
    return wrongFirst === 'broken' ? `)]} ${comment}\n` : `${comment}\n`;
  };
  const [first] = files.flatMap(({ hunks }) => hunks);
  if (first === undefined) throw new Error('The fix changes nothing in the files that are named.');
  const wrong: Hunk = { ...first, replace: scar(first.path) + first.search };
  const right = files.flatMap(({ hunks }) => hunks);
  const healed: Hunk = { ...first, search: scar(first.path), replace: '' };

  const inTurns = (body: ChatBody): ReplySpec => {
    const said = body.messages.filter(({ role }) => role === 'assistant');
    if (said.length === 0) attempts++;
    const isWrong = wrongFirst !== undefined && attempts === 1;
    switch (said.length) {
      case 0: {
        const reads = (isWrong ? [first] : right).map(({ path, line }) => ({
          name: 'read',
          arguments: { path, from: Math.max(1, line - 20), to: line + 40 },
        }));
        return { toolCalls: [{ name: 'search', arguments: { text: 'a wrong attempt' } }, ...reads] };
      }
      case 1: {
        const scarred = body.messages.some(({ role, content }) => role === 'tool' && content.includes(scar(first.path).trimEnd()));
        const edits = isWrong ? [wrong] : [...(scarred ? [healed] : []), ...right];
        return { toolCalls: edits.map(({ path, search, replace }) => ({ name: 'edit', arguments: { path, search, replace } })) };
      }
      case 2:
        return { toolCalls: [{ name: 'test', arguments: {} }] };
      default:
        return { text: 'Done.' };
    }
  };

  const inOnePiece = (order: string, scarred: boolean): string => {
    attempts++;
    const isWrong = wrongFirst !== undefined && attempts === 1;
    const marks = /(<{7,}) SEARCH/.exec(order)?.[1]?.length;
    if (marks !== undefined) {
      const edits = isWrong ? [wrong] : [...(scarred ? [healed] : []), ...right];
      return edits.map((edit) => block(edit, marks)).join('\n\n');
    }
    const fence = '`'.repeat(Number(/with (\d+) backticks/.exec(order)?.[1] ?? 3));
    const texts = isWrong
      ? [{ path: first.path, text: wholeText(files, first.path).replace(wrong.search, () => wrong.replace) }]
      : files.map(({ path, after }) => ({ path, text: after }));
    if (/whole new text of \S+ in one/.test(order)) return `${fence}\n${texts[0]?.text}${fence}`;
    return texts.map(({ path, text }) => `### ${path}\n${fence}\n${text}${fence}`).join('\n\n');
  };

  return {
    prompt: () => prompt,
    answer: (body) => {
      const [system, opening] = body.messages;
      const order = body.messages.at(-1)?.content ?? '';
      if (system?.content.startsWith('You design') === true) return { text: 'I have no plan.' };
      if (order.endsWith('Write no code.')) return { text: 'The fault is in the file that the failing test is about.' };
      if (order.includes('APPROVE or REJECT')) return { text: 'I see no mistake.\nAPPROVE' };
      prompt ||= opening?.content ?? '';
      if (body.tools !== undefined && body.tools.length > 0) return inTurns(body);
      // A revision goes on from the reply that was wrong; a fresh sample starts without it.
      const scarred = body.messages.some(({ role, content }) => role === 'assistant' && content.includes('a wrong attempt'));
      return cutAt({ text: inOnePiece(order, scarred) }, body.max_tokens);
    },
  };
}

const wholeText = (files: readonly FixedFile[], path: string): string => files.find((file) => file.path === path)?.before ?? '';

function block({ path, search, replace }: Hunk, marks: number): string {
  const line = (mark: string, word = ''): string => mark.repeat(marks) + word;
  const body = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
  return `${path}\n${line('<', ' SEARCH')}\n${body(search)}${line('=')}\n${body(replace)}${line('>', ' REPLACE')}`;
}

/** As a server does with a reply that is longer than it may be. */
function cutAt(reply: ReplySpec & { readonly text: string }, tokens: number | undefined): ReplySpec {
  const room = (tokens ?? Number.POSITIVE_INFINITY) * 4;
  return reply.text.length <= room ? reply : { text: reply.text.slice(0, room), finish: 'length' };
}
