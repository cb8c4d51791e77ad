import * as z from 'zod';

/** New ones stand at the end: plans from before keep their hash. */
export const toolNames = ['read', 'list', 'search', 'edit', 'test', 'run', 'symbols', 'references', 'diagnostics', 'ask'] as const;
export type ToolName = (typeof toolNames)[number];

/** What an agent hands over: edits to files, a note in prose, a verdict on a candidate, or test files. */
export const outputs = ['edits', 'note', 'verdict', 'tests'] as const;

/** What the patterns demand, for `shape-problems.ts` to say in any language. */
export const nameRule = 'a lower-case name of up to 40 letters, digits and dashes, starting with a letter';
export const commandRule = 'a program and its words, one space between them, without quotes or signs of a shell';

/** Names of plans, agents, roles and steps. */
export const nameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, nameRule);

/** How an agent comes to grief: a call fails, it goes in circles, its model falls silent, its replies cannot be read. */
export const troubles = ['fails', 'loops', 'silent', 'format'] as const;

/** What is done about it, in this order: once more, the other model, another agent; then the step has failed, or the agent is dropped. */
export const rescueSchema = z.strictObject({
  on: z
    .array(z.enum(troubles))
    .min(1)
    .max(troubles.length)
    .default([...troubles]),
  retries: z.number().int().min(0).max(3).default(0),
  model: z.enum(['worker', 'strong']).optional().describe('The same agent with this model'),
  agent: nameSchema.optional().describe('Another agent of the plan, which hands over the same'),
  otherwise: z.enum(['fail', 'drop']).default('fail').describe('drop: the agent is out of the team, and the others go on'),
});
export type Rescue = z.infer<typeof rescueSchema>;

/** A program and the words that must follow it, as they are: no quotes, nothing for a shell. More words may follow when it is run. */
export const commandSchema = z
  .string()
  .max(200)
  .regex(/^[\w@%+=:,./*-]+( [\w@%+=:,./*-]+)*$/, commandRule);

/** One agent. Instructions (objective), output, tools and write (boundaries) are the four parts every brief must have. */
export const agentSchema = z.strictObject({
  role: nameSchema.describe('planner, coder, tester, reviewer, debugger, or any other short name'),
  instructions: z.string().trim().min(1).max(2000).describe('The objective of this agent in its own words; never the request itself'),
  output: z.enum(outputs),
  tier: z.enum(['worker', 'strong']).default('worker'),
  tools: z.array(z.enum(toolNames)).max(toolNames.length).describe('Empty: one reply, no tools'),
  write: z.array(z.string().min(1).max(200)).max(20).describe('Globs this agent may write; empty: nothing'),
  commands: z
    .array(commandSchema)
    .max(20)
    .optional()
    .describe('Commands it may run with the tool "run": a program, or one with its first words'),
  servers: z
    .array(nameSchema)
    .max(10)
    .optional()
    .describe('Servers of the Model Context Protocol, by the names in the settings of the user'),
  network: z
    .boolean()
    .optional()
    .describe('Whether its commands and servers may use the network; commands only where the settings of the user open it too'),
  temperature: z.number().min(0).max(2).default(0.2),
  rescue: rescueSchema.optional().describe('What is done when it fails, goes in circles, falls silent or breaks its format'),
});
export type Agent = z.infer<typeof agentSchema>;
