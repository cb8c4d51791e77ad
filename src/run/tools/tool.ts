/** What a tool is, and what it works on. */
import type * as z from 'zod';
import type { ToolDefinition } from '../../models/types.ts';
import type { CommandResult } from '../../process/index.ts';
import type { HiddenSecrets } from '../../redaction/index.ts';
import type { EditReport, FileScope, WorkspaceCopy } from '../../workspace/types.ts';

export interface ToolBench {
  readonly copy: WorkspaceCopy;
  readonly scope: FileScope;
  /** What the agent did not see of what it was shown. */
  readonly hidden: HiddenSecrets;
  /** Runs the project's tests on what is in the copy; absent when there are none. */
  readonly runTests?: (signal: AbortSignal) => Promise<TestsOfWork>;
  /** Whether the agent has this text of a file in front of it already. */
  readonly isShown?: (path: string, text: string) => boolean;
  /** Told of every edit, for the candidate's record. */
  readonly onEdit: (report: EditReport) => void;
  /** What its plan lets it run, and how: in a copy that is thrown away. */
  readonly commands?: Commands;
  /** Puts a question to the user; gives what the agent is told. */
  readonly askUser?: (asked: Asked, signal: AbortSignal) => Promise<string>;
  /** What the editor says of the user's files; absent where there is none. */
  readonly diagnose?: Diagnose;
  /** What the servers that its plan names offer. */
  readonly servers?: ServerTools;
  /** Keeps the rest of answers that were too long. */
  readonly pages?: Pages;
  /** Told when the agent reached for what its plan does not grant. */
  readonly onBreach?: (breach: Breach) => void;
}

export interface Asked {
  readonly question: string;
  /** Answers to choose from; none: words alone. */
  readonly options: readonly string[];
}

export interface Commands {
  /** As the plan says: a program, and the words that must follow it. */
  readonly granted: readonly string[];
  /** The plan lets them use the network. */
  readonly network: boolean;
  run(argv: readonly string[], folder: string, signal: AbortSignal): Promise<CommandOutcome>;
}

export interface CommandOutcome extends Pick<CommandResult, 'ending' | 'exitCode' | 'droppedBytes'> {
  readonly output: string;
  /** Hosts it did not come to, as it has no network. */
  readonly hostsWanted: readonly string[];
  /** What it wrote within the agent's scope and is in the copy now, and what was undone. */
  readonly changed: readonly string[];
  readonly undone: readonly string[];
}

/** Of the workspace as it is on the disk, without any change of this run; paths are relative to it. No paths: of all its files. */
export type Diagnose = (paths: readonly string[], signal: AbortSignal) => Promise<readonly Diagnosis[]>;

/** Something wrong with a file, as an editor's language servers say it; lines and columns from 1. */
export interface Diagnosis {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning' | 'information' | 'hint';
  readonly message: string;
  readonly source?: string;
}

/** What the servers of the Model Context Protocol that a plan names offer, as tools of an agent. */
export interface ServerTools {
  readonly definitions: readonly ToolDefinition[];
  /** By the name in a definition. */
  use(name: string, argumentText: string, signal: AbortSignal): Promise<ToolAnswer>;
}

export interface Breach {
  readonly right: 'tool' | 'command' | 'server' | 'network';
  /** What it reached for. */
  readonly what: string;
}

export interface Pages {
  /** The answer itself where it is short, else its first part and how to read on. */
  first(text: string): string;
  /** More of an answer, from a line (from 1). Throws where there is none. */
  more(answer: number, from: number): string;
}

export interface TestsOfWork {
  /** What fails, or that nothing does. */
  readonly text: string;
  /** Something passes that did not, and nothing else fails. */
  readonly isBetter: boolean;
}

export interface ToolAnswer {
  readonly ok: boolean;
  readonly text: string;
}

export interface Tool {
  readonly description: string;
  readonly parameters: z.ZodObject;
  use(input: never, bench: ToolBench, signal: AbortSignal): Promise<string>;
}

export function tool<S extends z.ZodObject>(
  description: string,
  parameters: S,
  use: (input: z.infer<S>, bench: ToolBench, signal: AbortSignal) => Promise<string>,
): Tool {
  return { description, parameters, use: use as Tool['use'] };
}

/** What went back to the server in its place may be an empty object: the model is shown what it wrote. */
export const shortened = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text || '(nothing)');

/** What the trace keeps of a call's arguments. */
export const shownArguments = (argumentText: string): string => argumentText.slice(0, 2000);
