/**
 * A payload as people read it, and back: YAML with a document for each line of JSON, in which long texts stand in lines of their own and every part
 * folds. Nothing is left out or added, so what is read is what goes.
 */
import * as yaml from 'yaml';
import { TeamwrightError } from '../../errors.ts';

/** In lines of their own these would come back as others: an editor has one kind of line end, and white space in front counts as indentation. */
const inQuotes = /\r|^\s/;

export function readablePayload(text: string): string {
  const documents = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const document = new yaml.Document(JSON.parse(line), { aliasDuplicateObjects: false });
      yaml.visit(document, {
        Scalar: (_key, node) => {
          if (typeof node.value === 'string' && inQuotes.test(node.value)) node.type = 'QUOTE_DOUBLE';
        },
      });
      // In quotes a text stands in one line: broken up, some come back as others.
      return document.toString({ lineWidth: 0, blockQuote: 'literal', doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER });
    });
  return documents.join('---\n');
}

/** The lines of JSON of a text that a person has read, and perhaps changed. Throws `payload-broken`. */
export function payloadRead(shown: string): string {
  const documents = yaml.parseAllDocuments(shown);
  if ('empty' in documents) throw new TeamwrightError('payload-broken', { why: 'empty' });
  const lines = documents.map((document) => {
    const [problem] = document.errors;
    if (problem) throw new TeamwrightError('payload-broken', { why: 'not-yaml', line: problem.linePos?.[0].line ?? 1 });
    return JSON.stringify(document.toJS());
  });
  return `${lines.filter((line) => line !== 'null').join('\n')}\n`;
}
