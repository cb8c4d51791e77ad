/**
 * Takes what a model thinks aloud out of its answer. Think blocks are recognised at the start of a reply only (one or several, after
 * white space): further down `<think>` is far more likely part of the code that was asked for.
 */
const opening = /^\s*<(think|thinking|thought|reasoning)>/i;
/** The start of a reply that may still become an opening tag. */
const maybeOpening = /^\s*(<[a-z]{0,9})?$/i;

/** White space between a think block and the answer belongs to neither. */
const blankLines = /^\s*\n/;

export interface Split {
  readonly text: string;
  readonly reasoning: string;
}

export interface ThinkSplitter {
  /** Gives what is certain by now; torn tags wait for the next piece. */
  push(piece: string): Split;
  /** What was still waiting. A block that was never closed is reasoning. */
  end(): Split;
}

export function thinkSplitter(): ThinkSplitter {
  let state: 'start' | 'thinking' | 'answer' = 'start';
  let tag = '';
  let waiting = '';

  const advance = (last: boolean): Split => {
    let text = '';
    let reasoning = '';
    for (;;) {
      if (state === 'answer') {
        text += waiting;
        waiting = '';
        return { text, reasoning };
      }
      if (state === 'start') {
        const open = opening.exec(waiting);
        if (open !== null) {
          tag = `</${open[1]}>`.toLowerCase();
          waiting = waiting.slice(open[0].length);
          state = 'thinking';
          continue;
        }
        if (!last && maybeOpening.test(waiting)) return { text, reasoning };
        if (tag !== '') waiting = waiting.replace(blankLines, '');
        state = 'answer';
        continue;
      }
      const close = waiting.toLowerCase().indexOf(tag);
      if (close >= 0) {
        reasoning += waiting.slice(0, close);
        waiting = waiting.slice(close + tag.length);
        state = 'start';
        continue;
      }
      const keep = last ? 0 : tornTail(waiting, tag);
      reasoning += waiting.slice(0, waiting.length - keep);
      waiting = waiting.slice(waiting.length - keep);
      return { text, reasoning };
    }
  };

  return {
    push: (piece) => {
      waiting += piece;
      return advance(false);
    },
    end: () => advance(true),
  };
}

/** How many characters at the end of `text` could be the beginning of `tag`. */
function tornTail(text: string, tag: string): number {
  const lower = text.toLowerCase();
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (tag.startsWith(lower.slice(-length))) return length;
  }
  return 0;
}

/**
 * Splits a whole reply. Also knows the reply whose opening tag stood in the server's prompt template: thoughts, then `</think>` on a
 * line of its own, then the answer.
 */
export function splitThinking(reply: string): Split {
  const splitter = thinkSplitter();
  const first = splitter.push(reply);
  const rest = splitter.end();
  return headlessThinking({ text: first.text + rest.text, reasoning: first.reasoning + rest.reasoning });
}

/** The case of the missing opening tag, for a reply that has arrived in full. */
export function headlessThinking(split: Split): Split {
  if (split.reasoning !== '') return tidy(split);
  const close = /(^|\n)[ \t]*<\/think>[ \t]*(\r?\n|$)/i.exec(split.text);
  if (close === null || /<think>/i.test(split.text.slice(0, close.index)) || isInBlock(split.text.slice(0, close.index))) return split;
  return tidy({ reasoning: split.text.slice(0, close.index), text: split.text.slice(close.index + close[0].length) });
}

/** A fence or a block of changes is open at the end: what follows is the text of a file. */
function isInBlock(text: string): boolean {
  let open: string | undefined;
  for (const line of text.split('\n').map((one) => one.trim())) {
    const marks = /^(?:`{3,}|~{3,}|<{5,}(?= SEARCH$)|>{5,}(?= REPLACE$))/.exec(line)?.[0];
    if (marks === undefined) continue;
    if (open === undefined) open = marks.startsWith('>') ? undefined : marks;
    else if (marks.replaceAll('>', '<').startsWith(open) && (marks === line || marks.startsWith('>'))) open = undefined;
  }
  return open !== undefined;
}

const tidy = (split: Split): Split => ({ text: split.text.replace(blankLines, ''), reasoning: split.reasoning.trim() });
