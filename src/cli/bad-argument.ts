/** What was typed cannot be meant. Only the command line meets this: the sentence names the option, and the next step how to write it. */
export class BadArgument extends Error {
  readonly code = 'bad-argument';
  readonly next: string;

  constructor(message: string, next: string) {
    super(message);
    this.name = 'BadArgument';
    this.next = next;
  }
}

export const badArgument = (what: string, next: string): BadArgument => new BadArgument(what, next);
